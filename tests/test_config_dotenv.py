"""The .env file: what it may hold, who may read it, and that no value of it is ever shown."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest

from ninefifteen.config.dotenv import Secrets, read_environment, secrets_from
from ninefifteen.domain.secret import SecretText


def written(folder: Path, text: str, mode: int = 0o600) -> Path:
    file = folder / ".env"
    file.write_text(text, encoding="utf-8")
    file.chmod(mode)
    return file


def values(file: Path, **around: str) -> dict[str, str]:
    found, problems = read_environment(file, around)
    assert problems == []
    return {name: value.text for name, value in found.items()}


def test_without_a_file_the_environment_alone_counts(tmp_path: Path):
    assert values(tmp_path / ".env") == {}
    assert values(tmp_path / ".env", BROKER_API_KEY="a", HOME="/x", PATH="") == {"BROKER_API_KEY": "a"}


def test_the_usual_ways_of_writing_a_line_are_understood(tmp_path: Path):
    text = (
        "# a comment\n\nBROKER_API_KEY = abc  # the key\nexport BROKER_API_SECRET='s#1 x'\n"
        'BROKER_PASSWORD="p w"  # pin\nBROKER_USER_ID=AB#12\nBROKER_ACCESS_TOKEN=\nTELEGRAM_CHAT_ID=""\n'
        "DATABASE_URL=postgresql://user:pass@localhost/trading\n"
    )
    assert values(written(tmp_path, text)) == {
        "BROKER_API_KEY": "abc",
        "BROKER_API_SECRET": "s#1 x",
        "BROKER_PASSWORD": "p w",
        "BROKER_USER_ID": "AB#12",
        "DATABASE_URL": "postgresql://user:pass@localhost/trading",
    }


def test_the_environment_is_stronger_than_the_file(tmp_path: Path):
    file = written(tmp_path, "BROKER_API_KEY=file\n")
    assert values(file, BROKER_API_KEY="process") == {"BROKER_API_KEY": "process"}
    assert values(file, BROKER_API_KEY="") == {"BROKER_API_KEY": "file"}


@pytest.mark.parametrize("text", ["TELEGRAM_TOKEN=1:a\n", "TELEGRAM_TOKEN=1:a\nTELEGRAM_BOT_TOKEN=1:a\n"])
def test_the_token_of_the_bot_has_two_names(tmp_path: Path, text: str):
    assert values(written(tmp_path, text)) == {"TELEGRAM_BOT_TOKEN": "1:a"}


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (
            "TELEGRAM_TOKEN=1\nTELEGRAM_BOT_TOKEN=2\n",
            "1: TELEGRAM_TOKEN and TELEGRAM_BOT_TOKEN (FILE:2) differ: they are the same setting, keep one",
        ),
        ("BROKER_API_KY=hidden\n", "1: BROKER_API_KY is not a known name: did you mean BROKER_API_KEY?"),
        ("QQQ=hidden\n", "1: QQQ is not a known name"),
        ("BROKER_API_KEY hidden\n", "1: needs NAME=value"),
        (
            "BROKER_API_KEY=hidden\n\nBROKER_API_KEY=hidden2\n",
            "3: BROKER_API_KEY is given twice (first in FILE:1): keep one",
        ),
    ],
)
def test_a_mistake_is_one_line_without_the_value(tmp_path: Path, text: str, line: str):
    file = written(tmp_path, text)
    _, problems = read_environment(file, {})
    assert problems == [f"{file}:{line}".replace("FILE", str(file))]
    assert "hidden" not in problems[0]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_file_that_others_can_read_is_refused_with_the_command_that_helps(tmp_path: Path, mode: int):
    file = written(tmp_path, "BROKER_API_KEY=hidden\n", mode)
    found, problems = read_environment(file, {})
    assert found == {}
    assert problems == [f"{file}: other people on this machine can read it: run `chmod 600 {file}`"]


def test_a_folder_or_binary_data_is_refused(tmp_path: Path):
    file = tmp_path / ".env"
    file.write_bytes(b"\xff\xfe")
    file.chmod(0o600)
    assert read_environment(file, {})[1] == [f"{file}: is not UTF-8 text"]
    file.unlink()
    file.mkdir()
    assert read_environment(file, {})[1] == [f"{file}: needs to be a file"]


def test_no_way_of_printing_shows_a_secret(tmp_path: Path):
    found, _ = read_environment(written(tmp_path, "BROKER_PASSWORD=hidden\n"), {})
    secrets = secrets_from(found)
    assert repr(secrets) == "Secrets(given: broker_password)"
    assert repr(Secrets()) == "Secrets(given: none)"
    assert [*secrets.__rich_repr__()] == [repr(secrets)]
    assert "hidden" not in f"{found} {secrets} {secrets.broker_password}"
    with pytest.raises(TypeError):
        msgspec.json.encode(secrets)


def test_a_secret_is_revealed_on_request_and_compares_by_its_text():
    assert SecretText("a").reveal() == "a"
    assert SecretText("a") == SecretText("a") != SecretText("b")
    assert SecretText("a") != "a"
    assert len({SecretText("a"), SecretText("a")}) == 1
