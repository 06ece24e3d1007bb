"""Secrets set in the text of a .env: nothing else in it changes, and no message repeats a value."""

from __future__ import annotations

from pathlib import Path

import pytest

from ninefifteen.config.dotenv import SECRET_NAMES, parse_env
from ninefifteen.config.env_editing import env_edited
from ninefifteen.config.template import default_env
from ninefifteen.errors import BadInput

VALUE = "s3cret#with=signs"


def values(text: str) -> dict[str, str]:
    found, problems = parse_env(text, Path(".env"))
    assert problems == []
    return {name: one.text for name, one in found.items()}


def test_the_line_that_was_commented_out_comes_alive_and_the_rest_stays() -> None:
    made = env_edited(default_env(), {"BROKER_API_KEY": VALUE})
    assert values(made) == {"BROKER_API_KEY": VALUE}
    before, after = default_env().splitlines(), made.splitlines()
    assert len(before) == len(after)
    assert [line for line, other in zip(before, after, strict=True) if line != other] == ["# BROKER_API_KEY="]


@pytest.mark.parametrize("name", SECRET_NAMES)
def test_every_secret_of_a_new_file_can_be_set(name: str) -> None:
    assert values(env_edited(default_env(), {name: VALUE})) == {name: VALUE}


def test_a_value_is_replaced_where_it_stands_and_comments_stay() -> None:
    text = "# mine\nexport BROKER_API_KEY = old # from the console\nBROKER_USER_ID=AB1234\n"
    made = env_edited(text, {"BROKER_API_KEY": "new"})
    assert made == "# mine\nexport BROKER_API_KEY=new\nBROKER_USER_ID=AB1234\n"


def test_a_secret_that_has_no_line_gets_one_at_the_end() -> None:
    assert env_edited("BROKER_USER_ID=AB1234", {"TELEGRAM_CHAT_ID": "-100"}) == (
        "BROKER_USER_ID=AB1234\nTELEGRAM_CHAT_ID=-100\n"
    )
    assert env_edited("", {"BROKER_API_KEY": "k"}) == "BROKER_API_KEY=k\n"


def test_a_note_of_the_user_is_no_line_to_be_overwritten() -> None:
    text = "# BROKER_API_KEY=is in the safe\n"
    assert env_edited(text, {"BROKER_API_KEY": "k"}) == text + "BROKER_API_KEY=k\n"


def test_the_other_spelling_of_the_documents_token_is_changed_in_its_own_line() -> None:
    made = env_edited("TELEGRAM_TOKEN=1:old\n# TELEGRAM_BOT_TOKEN=\n", {"TELEGRAM_BOT_TOKEN": "2:new"})
    assert made == "TELEGRAM_TOKEN=2:new\n# TELEGRAM_BOT_TOKEN=\n"


def test_lines_keep_the_ends_that_the_file_has() -> None:
    assert env_edited("# a\r\nBROKER_API_KEY=1\r\n", {"BROKER_API_KEY": "2"}) == "# a\r\nBROKER_API_KEY=2\r\n"


@pytest.mark.parametrize("value", ['"quoted"', "'single'", "a\"b'c", "#hash", "a=b", "'"])
def test_odd_signs_come_back_as_they_were_given(value: str) -> None:
    assert values(env_edited(default_env(), {"BROKER_API_SECRET": value})) == {"BROKER_API_SECRET": value}


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("", "is empty"),
        ("two words", "has a space"),
        ("line\nbreak", "has a space or a character"),
        ("bell\x07", "cannot be seen"),
        ("x" * 501, "longer than 500"),
        ("your_api_key", "is an example"),
        ("\"both'", "cannot be changed from here"),
    ],
)
def test_what_is_no_secret_is_refused_without_being_repeated(value: str, words: str) -> None:
    with pytest.raises(BadInput) as refused:
        env_edited(default_env(), {"BROKER_API_KEY": value})
    assert words in str(refused.value)
    assert not value or value not in str(refused.value)


def test_a_file_that_cannot_be_read_is_not_changed() -> None:
    with pytest.raises(BadInput, match=r"\.env:1: needs NAME=value"):
        env_edited("nonsense\n", {"BROKER_API_KEY": "k"})
