"""The journal: our append-only file of every event that entered the engine, with the effects it caused.

The format is described in `docs/journal.md`.
"""

from .content import Header, Step, account_mark, effects_bytes, settings_json, settings_of
from .names import find_journal, journal_name, journals, named_day, set_aside
from .reader import JournalContents, JournalTail, check_belongs, judge_tail, read_journal
from .writer import FileJournal

__all__ = [
    "FileJournal",
    "Header",
    "JournalContents",
    "JournalTail",
    "Step",
    "account_mark",
    "check_belongs",
    "effects_bytes",
    "find_journal",
    "journal_name",
    "journals",
    "judge_tail",
    "named_day",
    "read_journal",
    "set_aside",
    "settings_json",
    "settings_of",
]
