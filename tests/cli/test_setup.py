"""`ninefifteen setup`: odds before keys; nothing is written before the end, and no secret is ever shown."""

from __future__ import annotations

import io
import json
import signal
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from pathlib import Path

import pytest
import typer
from rich.console import Console

from ninefifteen.adapters.rules import load_rules
from ninefifteen.cli.setup_draft import Draft
from ninefifteen.cli.setup_steps import Terminal, Wizard
from ninefifteen.config import load_config
from ninefifteen.config.pending import read_history
from ninefifteen.errors import BadInput
from ninefifteen.home import Home
from tests.cli.command_line import Said, command, listing
from tests.cli.typist import DONE_READING, KEY, SECRET


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home.open(tmp_path / "home")


@pytest.fixture(autouse=True)
def nothing_in_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("BROKER_API_KEY", "BROKER_API_SECRET", "BROKER_USER_ID", "TELEGRAM_BOT_TOKEN"):
        monkeypatch.delenv(name, raising=False)


def setup(home: Home, *words: str) -> Said:
    return command("setup", *words, "--home", home.path)


def given(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO(text))


# ---- by options


def test_without_a_terminal_and_without_an_option_it_says_what_can_be_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given(monkeypatch, "")
    said = command("setup", "--home", tmp_path / "new")
    assert said.code == 2
    assert "--odds, --broker, --set or --secrets-stdin" in said.refusal
    assert not (tmp_path / "new").exists()


def test_the_odds_are_said_without_changing_anything(home: Home) -> None:
    before = listing(home.path)
    said = setup(home, "--odds")
    assert said.code == 0
    for title in ("What one losing trade costs", "What a fair market gives", "This may never pass"):
        assert title in said.err
    assert "strategy's public origin" in said.err
    assert "From your own document" in said.err
    assert listing(home.path) == before


def test_settings_given_together_are_written_together(home: Home) -> None:
    said = setup(home, "--set", "strategy.pcr_min=2", "--set", "strategy.pcr_max=3", "--broker", "upstox")
    assert said.code == 0
    settings = load_config(home).settings
    assert [str(settings.strategy.pcr_min), str(settings.strategy.pcr_max)] == ["2", "3"]
    assert settings.trading.broker == "upstox"
    assert "strategy.pcr_min: 0.7 -> 2" in said.err
    (entry,) = read_history(home)
    assert entry.who.startswith("cli:")
    assert [one.key for one in entry.changes] == ["trading.broker", "strategy.pcr_min", "strategy.pcr_max"]


def test_a_change_that_adds_risk_says_why_and_comments_of_the_file_stay(home: Home) -> None:
    comments = [line for line in home.config_file.read_text().splitlines() if line.lstrip().startswith("#")]
    said = setup(home, "--set", "risk.max_daily_loss=5000")
    assert "take care: it is the most a day may cost" in said.err
    after = home.config_file.read_text().splitlines()
    assert [line for line in after if line.lstrip().startswith("#")] == comments


def test_what_is_so_already_is_not_written_again(home: Home) -> None:
    before = listing(home.path)
    assert "it was so already" in setup(home, "--set", "risk.max_trades=2").err
    assert listing(home.path) == before


def test_phones_are_written_as_people_write_them(home: Home) -> None:
    assert setup(home, "--set", "emergency.sms_numbers=+919812345678, +919812345679").code == 0
    assert load_config(home).settings.emergency.sms_numbers == ("+919812345678", "+919812345679")
    assert setup(home, "--set", "telegram.operators=12345").code == 0
    assert load_config(home).settings.telegram.operators == (12345,)


def test_secrets_come_from_stdin_and_are_never_told(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, f"# mine\n\nBROKER_API_KEY={KEY}\nBROKER_API_SECRET = {SECRET}\n")
    said = setup(home, "--secrets-stdin", "--json")
    assert said.code == 0
    assert KEY not in said.out + said.err
    assert SECRET not in said.out + said.err
    assert said.document["secrets_changed"] == ["BROKER_API_KEY", "BROKER_API_SECRET"]
    assert said.document["secrets"]["BROKER_API_KEY"] == "set"
    assert said.document["secrets"]["BROKER_USER_ID"] == "not set"
    secrets = load_config(home).secrets
    assert secrets.broker_api_key is not None
    assert secrets.broker_api_key.reveal() == KEY
    assert home.env_file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "there was nothing on stdin"),
        ("nonsense " + KEY, "line 1 needs NAME=VALUE"),
        (f"BROKER_API_KEYS={KEY}", "did you mean BROKER_API_KEY?"),
        (f"BROKER_API_KEY={KEY} {KEY}", "has a space"),
        ("BROKER_API_KEY=your_api_key", "is an example"),
        ("BROKER_API_KEY=" + "k" * 20_000, "far more than secrets"),
    ],
)
def test_a_wrong_secret_is_one_line_without_it_and_nothing_is_written(
    home: Home, monkeypatch: pytest.MonkeyPatch, text: str, line: str
) -> None:
    before = listing(home.path)
    given(monkeypatch, text)
    said = setup(home, "--secrets-stdin", "--set", "risk.max_trades=1")
    assert said.code == 2
    assert line in said.refusal
    assert KEY not in said.refusal
    assert listing(home.path) == before


def test_a_file_that_others_can_read_is_refused_before_a_secret_goes_into_it(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    home.env_file.chmod(0o644)
    given(monkeypatch, f"BROKER_API_KEY={KEY}\n")
    assert "chmod 600" in setup(home, "--secrets-stdin").refusal
    assert KEY not in home.env_file.read_text()


def test_phones_that_stand_in_the_environment_are_not_written_a_second_time(home: Home) -> None:
    home.env_file.write_text("EMERGENCY_STOP_NUMBERS=+919812345678\n")
    home.env_file.chmod(0o600)
    said = setup(home, "--set", "emergency.sms_numbers=+919812345679")
    assert "they are the same setting, keep one" in said.refusal
    assert "+919812345679" not in home.config_file.read_text()


def test_json_has_the_odds_that_the_page_has(home: Home) -> None:
    document = setup(home, "--json").document
    assert document["changed"] == []
    assert document["odds"]["positions"][0]["value"] == "15000.00"
    assert any("max_daily_loss" in note for note in document["notes"])


# ---- by questions


class Answers:
    """Somebody who types these answers, hidden ones too; `asked` is what they were asked."""

    def __init__(self, *answers: str) -> None:
        self.left = deque(answers)
        self.asked: list[str] = []

    def line(self, question: str) -> str:
        self.asked.append(question)
        if not self.left:
            raise typer.Abort
        return self.left.popleft()

    hidden = line


def wizard(home: Home, *answers: str) -> tuple[bool, Draft, str, Answers]:
    """Whether the person wants it written, the draft, what the screen showed, and the questions."""
    screen = Console(file=io.StringIO(), width=80)
    draft, asker = Draft(home, load_config(home, environment={}), {}), Answers(*answers)
    wanted = Wizard(asker, screen, draft, load_rules(), date(2026, 11, 23)).run()
    assert isinstance(screen.file, io.StringIO)
    assert not asker.left
    return wanted, draft, screen.file.getvalue(), asker


def test_the_odds_come_before_the_first_question_about_a_key(home: Home) -> None:
    screen, asker = Console(file=io.StringIO(), width=80), Answers(*DONE_READING, "", "")
    draft = Draft(home, load_config(home, environment={}), {})
    with pytest.raises(typer.Abort):
        Wizard(asker, screen, draft, load_rules(), date(2026, 11, 23)).run()
    assert isinstance(screen.file, io.StringIO)
    shown = screen.file.getvalue()
    assert shown.index("This may never pass") < shown.index("BROKER_API_KEY")
    assert "paste it" in asker.asked[-1]


def test_enter_alone_changes_nothing(home: Home) -> None:
    wanted, draft, shown, _ = wizard(home, *DONE_READING, "", "", *[""] * 3, *[""] * 5, *[""] * 3)
    assert not wanted
    assert draft.empty
    assert "Nothing: everything stays as it is." in shown


def test_answers_are_kept_until_the_end_and_then_written_at_once(home: Home) -> None:
    before = listing(home.path)
    wanted, draft, shown, _ = wizard(
        home, *DONE_READING, "", "", KEY, SECRET, "", "", "3000", "", "", "", "", "", "", "y"
    )  # fmt: skip
    assert wanted
    assert listing(home.path) == before
    assert "risk.max_daily_loss: 2000 -> 3000" in shown
    assert "With these limits:" in shown
    assert KEY not in shown
    draft.write("cli:somebody", "2026-11-23T09:00:00.000+05:30")
    loaded = load_config(home, environment={})
    assert loaded.settings.risk.max_daily_loss == 3000
    assert loaded.secrets.broker_api_secret is not None
    assert loaded.secrets.broker_api_secret.reveal() == SECRET


def test_a_wrong_answer_is_asked_again_with_one_line_about_it(home: Home) -> None:
    _, draft, shown, _ = wizard(
        home, *DONE_READING, "maybe", "n", "", "", "much", "0.6", "", "", "", "", "two words", KEY, "", "",
        *[""] * 5, *[""] * 3, "no",
    )  # fmt: skip
    assert "Answer y or n." in shown
    assert "strategy.pcr_min needs a number, found 'much'" in shown
    assert "BROKER_API_KEY has a space" in shown
    assert draft.secrets_given == ["BROKER_API_KEY"]


def test_a_second_run_says_what_is_set_and_shows_none_of_it(home: Home) -> None:
    draft = Draft(home, load_config(home, environment={}), {})
    assert draft.give_secret("BROKER_API_KEY", KEY) is None
    draft.write("cli:somebody", "2026-11-23T09:00:00.000+05:30")
    _, _, shown, _ = wizard(home, *DONE_READING, "", "upstox", *[""] * 3, *[""] * 5, *[""] * 3, "n")
    assert "broker: set in .env:2" in " ".join(shown.split())
    assert "BROKER_API_SECRET, the secret of that app: not set" in shown
    assert "cannot talk to upstox yet" in shown
    assert KEY not in shown


def test_an_odd_name_is_refused_without_a_guess(home: Home) -> None:
    draft = Draft(home, load_config(home, environment={}), {})
    assert draft.change({"zzz": "1"}) == "zzz is not a setting"
    assert draft.give_secret("ZZZ", KEY) == "ZZZ is not the name of a secret"


def test_in_another_thread_it_is_written_all_the_same(home: Home) -> None:
    draft = Draft(home, load_config(home, environment={}), {})
    assert draft.change({"risk.max_trades": "1"}) is None
    with ThreadPoolExecutor() as pool:
        pool.submit(draft.write, "cli:somebody", "2026-11-23T09:00:00.000+05:30").result()
    assert load_config(home).settings.risk.max_trades == 1


def test_a_file_that_changed_meanwhile_is_not_overwritten_with_nonsense(home: Home) -> None:
    draft = Draft(home, load_config(home, environment={}), {})
    assert draft.change({"risk.max_trades": "1"}) is None
    home.config_file.write_text("risk: [\n")
    with pytest.raises(BadInput):
        draft.write("cli:somebody", "2026-11-23T09:00:00.000+05:30")
    assert home.config_file.read_text() == "risk: [\n"


def test_some_settings_are_not_for_a_wizard(home: Home) -> None:
    draft = Draft(home, load_config(home, environment={}), {})
    assert "by hand" in str(draft.change({"broker_endpoint.rest": "http://127.0.0.1:1"}))


def test_at_the_end_of_the_input_the_terminal_gives_up(monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, " yes \n")
    assert Terminal().line("? ") == "yes"
    with pytest.raises(typer.Abort):
        Terminal().line("? ")

    def gone(*_: object, **__: object) -> str:
        raise EOFError

    monkeypatch.setattr("getpass.getpass", gone)
    with pytest.raises(typer.Abort):
        Terminal().hidden("? ")


class Keyboard(io.StringIO):
    """A terminal as far as the program can tell."""

    def isatty(self) -> bool:
        return True


def typed(home: Home, monkeypatch: pytest.MonkeyPatch, *answers: str) -> Said:
    """The command with somebody at its terminal."""
    keyboard = Keyboard("".join(f"{answer}\n" for answer in answers))
    monkeypatch.setattr("sys.stdin", keyboard)
    monkeypatch.setattr("getpass.getpass", lambda *_, **__: keyboard.readline())
    return setup(home)


def test_what_was_answered_is_written_and_what_it_means_is_said(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = (*DONE_READING, "", "", KEY, "", "", "", "1500", "", "", "", "", "", "")
    said = typed(home, monkeypatch, *answers, "y")
    assert said.code == 0
    assert "Written. It counts at the next start" in said.err
    assert "and risk.max_daily_loss is Rs 1,500" in " ".join(said.err.split())
    assert KEY not in said.err
    assert load_config(home).settings.risk.max_daily_loss == 1500


def test_a_no_at_the_end_writes_nothing(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    before = listing(home.path)
    said = typed(home, monkeypatch, *DONE_READING, "", "", KEY, *[""] * 10, "n")
    assert "Not written: everything stays as it was." in " ".join(said.err.split())
    assert listing(home.path) == before


def test_an_input_that_ends_early_leaves_everything_as_it_was(
    home: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = listing(home.path)
    said = typed(home, monkeypatch, "", "")
    assert said.code == 130
    assert "Left: nothing was changed." in said.err
    assert listing(home.path) == before


def test_ctrl_c_waits_while_files_are_written(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    draft = Draft(home, load_config(home, environment={}), {})
    assert draft.give_secret("BROKER_API_KEY", KEY) is None

    def pressed(*_: object, **__: object) -> None:
        signal.raise_signal(signal.SIGINT)

    monkeypatch.setattr("ninefifteen.cli.setup_draft.write_whole", pressed)
    draft.write("cli:somebody", "2026-11-23T09:00:00.000+05:30")
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_the_history_of_a_set_up_has_no_secret(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    given(monkeypatch, f"BROKER_API_KEY={KEY}\n")
    setup(home, "--secrets-stdin", "--set", "risk.max_trades=1")
    others = {name: text for name, text in listing(home.path).items() if name != ".env"}
    assert not [name for name, text in others.items() if KEY.encode() in text]
    assert json.loads((home.path / "settings-history.jsonl").read_text())["changes"][0]["after"] == "1"
