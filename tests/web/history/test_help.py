"""Help and the emergency card: texts that are complete, and commands that fit this home."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from ninefifteen.home import Home, Latch
from ninefifteen.web.history.emergency_card import emergency_card, orders_are_simulated
from ninefifteen.web.history.help_texts import help_page
from ninefifteen.web.history.records import Records
from ninefifteen.web.models.help import ErrorHelp
from tests.cli.command_line import command
from tests.web.sites import Desk

PAGE = help_page()


def translated(message: str) -> list[str]:
    """The codes whose words stand in the message."""
    words = message.casefold()
    return [one.code for one in PAGE.errors if any(part.casefold() in words for part in one.match)]


def test_every_word_is_explained_once_and_leads_to_others_that_are(at_desk: Desk):
    terms = [one.term for one in PAGE.terms]
    assert len(terms) == len(set(terms))
    assert terms == sorted(terms, key=str.casefold)
    for one in PAGE.terms:
        assert set(one.see) <= set(terms) - {one.term}, one.term
        assert one.meaning.endswith(".")


@pytest.mark.parametrize("one", PAGE.errors, ids=lambda one: one.code)
def test_every_message_has_a_meaning_and_something_to_do(one: ErrorHelp):
    assert one.match
    assert one.means.endswith(".")
    assert one.do.endswith(".")


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("Zerodha: HTTP 403 TokenException: Incorrect `api_key` or `access_token`.", "token"),
        ("IP not allowed to place orders for this app", "static_ip"),
        ("Insufficient funds. Required margin is 13317.68 but available margin is 2.00", "margin"),
        (
            "Order request timed out. Please check the order book and confirm before placing again.",
            "timed_out",
        ),
        ("Too many requests", "too_many"),
        ("Market orders without market protection are not allowed via API.", "market_protection"),
    ],
)
def test_what_a_broker_says_is_found(message: str, code: str):
    assert code in translated(message)


def test_what_nobody_knows_is_not_explained():
    assert translated("the moon is in the seventh house") == []


def test_the_card_has_this_homes_own_commands_quoted_for_a_shell(tmp_path: Path):
    records = Records(Home.open(tmp_path / "my own home"), {})
    card = emergency_card(records)
    commands = [shlex.split(door.command) for door in card.doors if door.command]
    assert ["touch", card.halt_file] in commands
    assert ["ninefifteen", "halt", "--direct", "--home", card.home] in commands
    assert "{" not in card.model_dump_json(exclude={"doors": {0}}).replace('{"', "").replace("[{", "")
    assert (card.kind, card.halted) == ("real", None)


def test_where_orders_are_simulated_the_card_sends_nobody_to_a_broker(tmp_path: Path):
    card = emergency_card(Records(Home.open(tmp_path / "home"), {}), simulated=True)
    text = card.model_dump_json()
    assert "Nothing of this is at a broker" in text
    assert "nobody has to be telephoned" in card.numbers_text
    for false in ("--direct", "--all-nfo", "telephone desk", "resting stop", "The broker's app or telephone"):
        assert false not in text
    assert "{" not in "".join(door.command or "" for door in card.doors)


@pytest.mark.parametrize(
    ("mode", "written", "journal", "simulated"),
    [
        ("demo", "paper", None, True),
        ("paper", "paper", "2026-11-23.journal", True),
        ("live", "paper", None, False),
        ("paper", "live", None, False),
        (None, "paper", None, False),
        ("paper", "paper", "2026-11-23.rehearsal-7.live.journal", False),
    ],
)
def test_that_nothing_is_at_a_broker_is_said_only_where_that_is_sure(
    tmp_path: Path, mode: str | None, written: str, journal: str | None, simulated: bool
):
    home = Home.open(tmp_path / "home")
    if journal is not None:
        (home.journal_dir / journal).touch()
    assert orders_are_simulated(Records(home, {}), mode, written) is simulated


def test_the_route_asks_what_runs(at_desk: Desk, monkeypatch: pytest.MonkeyPatch):
    client = at_desk.client("viewer")

    def doors() -> list[str]:
        return [door["name"] for door in client.get("/api/emergency").json()["doors"]]

    assert "The broker's app or telephone" not in doors(), "the settings say paper"
    monkeypatch.setattr(type(at_desk.site), "engine_state", {"mode": "live"})
    assert "The broker's app or telephone" in doors()


@pytest.mark.parametrize(("simulated", "least"), [(False, 4), (True, 2)])
def test_the_commands_of_the_card_are_ones_the_program_knows(tmp_path: Path, simulated: bool, least: int):
    card = emergency_card(Records(Home.open(tmp_path / "home"), {}), simulated=simulated)
    texts = [door.command or "" for door in card.doors] + [line for one in card.situations for line in one.do]
    found = {
        tuple(verb.split()) for text in texts for verb in re.findall(r"ninefifteen (\w+(?: --[\w-]+)*)", text)
    }
    assert len(found) >= least
    for verb, *options in found:
        said = command(verb, "--help")
        assert said.code == 0
        assert all(option in said.out for option in options), (verb, options)


@pytest.mark.parametrize(
    ("config", "told"),
    [
        ("", "no phone number is set"),
        ('emergency: {sms_numbers: ["+91XXXXXXXXXX"]}\n', "still a placeholder"),
        ('emergency: {sms_numbers: ["+919812345678"]}\n', "cannot receive SMS yet"),
        ("risk: {max_trades: none}\n", "the settings cannot be read"),
    ],
)
def test_numbers_are_told_as_they_are(tmp_path: Path, config: str, told: str):
    home = Home.open(tmp_path / "home")
    home.config_file.write_text(config)
    assert told in emergency_card(Records(home, {})).numbers_text


def test_a_halt_that_stands_is_on_the_card(tmp_path: Path):
    home = Home.open(tmp_path / "home", rehearsal=True)
    home.latch(Latch(source="cli:asha", reason="storm"))
    card = emergency_card(Records(home, {}))
    assert (card.kind, card.halted) == ("rehearsal", "cli:asha: storm")


def test_both_pages_need_a_session_only(at_desk: Desk):
    for path in ("/api/help", "/api/emergency"):
        assert at_desk.client("viewer").get(path).status_code == 200
        assert at_desk.client().get(path).status_code == 401
