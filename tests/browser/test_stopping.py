"""Pause, Flatten and HALT in the browser: nothing is said to be done that the engine has not proved."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Open
from tests.browser.scenes import Scene, flat_day, holding, scene
from tests.browser.windows import SIZES, Window
from tests.web.engines import Engine, done, silence, taken_then_done, until


@pytest.fixture
def trading(tmp_path: Path) -> Iterator[Scene]:
    with scene(tmp_path / "home") as made, made.running(holding()):
        yield made


def engine_of(made: Scene) -> Engine:
    assert made.engine is not None
    return made.engine


def opened(window: Window, made: Scene, who: str = "operator") -> Locator:
    """The stop dialog of somebody who sees the position."""
    made.let_in(window, who)
    window.sees("stop rests at the exchange")
    window.button("HALT").click()
    dialog = window.page.get_by_role("dialog", name="Stop the bot")
    expect(dialog).to_be_visible()
    return dialog


def hold(window: Window, button: Locator, until_text: str) -> None:
    """Press and keep pressing until the page says this."""
    button.hover()
    window.page.mouse.down()
    window.sees(re.compile(until_text))
    window.page.mouse.up()


def test_halt_shows_its_progress_until_the_engine_has_proved_it(trading: Scene, window: Open) -> None:
    engine, one = engine_of(trading), window()
    engine.answers = taken_then_done
    dialog = opened(one, trading)
    expect(dialog).to_contain_text("50 MARUTI 2026-12-29 13600 CE")
    expect(dialog).to_contain_text("\u2212₹1,022.53")
    one.picture("stop-dialog")
    assert one.violations() == []
    button = dialog.get_by_role("button", name=re.compile("^HALT"))
    button.click()  # too short
    assert engine.commands == []
    hold(one, button, "HALT: taken, not proved yet")
    assert [sent["verb"] for sent in engine.commands] == ["halt"]
    expect(dialog).to_contain_text("still held")
    one.picture("stop-taken")
    trading.says(flat_day(halted="dashboard:omar: pressed on the dashboard"))
    expect(dialog).to_contain_text("Nothing held")
    expect(dialog).to_contain_text("Waiting for the proof")
    expect(dialog).not_to_contain_text("HALT: done")
    engine.say_later()
    expect(dialog).to_contain_text("HALT: done")
    expect(dialog).to_contain_text("Proved by the broker's books")
    one.picture("stop-proved")
    one.page.keyboard.press("Escape")
    one.sees(re.compile("Nothing enters until somebody unlocks it"))
    assert "HALTED" in one.page.title()
    one.picture("state-halted")


def test_pause_and_flatten_are_sent_and_shown_as_the_engine_answers(trading: Scene, window: Open) -> None:
    engine, one = engine_of(trading), window()
    dialog = opened(one, trading)
    dialog.get_by_role("button", name="Pause entries").click()
    expect(dialog).to_contain_text("Pause entries: done")
    trading.says(holding() | {"paused": "dashboard:omar: pressed on the dashboard"})
    expect(dialog.get_by_role("button", name="Entries are paused")).to_be_disabled()
    hold(one, dialog.get_by_role("button", name=re.compile("^Flatten")), "Flatten: done")
    assert [sent["verb"] for sent in engine.commands] == ["pause", "flatten"]
    one.page.keyboard.press("Escape")
    one.sees("Entries are paused")
    one.button("Resume…").click()
    lift = one.page.get_by_role("dialog", name="Allow entries again")
    lift.get_by_label("Why (kept in the audit log)").fill("lunch is over")
    lift.get_by_label("I have looked at why it stopped").check()
    assert one.violations() == []
    lift.get_by_role("button", name="Resume").click()
    until(lambda: len(engine.commands) == 3)
    assert (engine.commands[2]["verb"], engine.commands[2]["args"]["reason"]) == ("resume", "lunch is over")


@pytest.mark.parametrize("size", SIZES)
def test_no_answer_in_three_seconds_shows_the_other_doors(
    trading: Scene, window: Open, size: tuple[int, int]
) -> None:
    engine, one = engine_of(trading), window(size)
    one.allow(r"status of 504")
    engine.answers = silence
    dialog = opened(one, trading)
    button = dialog.get_by_role("button", name=re.compile("^HALT"))
    hold(one, button, "HALT: sent, no answer yet")
    one.sees(re.compile("Do not rely on this page now"))
    expect(dialog).to_contain_text("ninefifteen halt")
    expect(dialog).to_contain_text(re.compile("touch .*HALT"))
    until((trading.home / "HALT").exists)
    expect(dialog).to_contain_text("HALT: no answer")
    assert one.overflow() == ""
    assert one.violations() == []
    one.picture("stop-no-answer")
    engine.answers = done
    hold(one, button, "HALT: done")
    first, second = engine.commands
    assert first["id"] == second["id"]


def test_everything_that_stops_can_be_done_with_the_keyboard_alone(trading: Scene, window: Open) -> None:
    engine, one = engine_of(trading), window()
    trading.let_in(one)
    one.sees("stop rests at the exchange")
    keyboard = one.page.keyboard
    keyboard.press("Tab")
    expect(one.page.get_by_role("link", name="Skip to the page")).to_be_focused()
    keyboard.press("Enter")
    expect(one.page.locator("#main")).to_be_focused()
    keyboard.press("Shift+K")
    dialog = one.page.get_by_role("dialog", name="Stop the bot")
    button = dialog.get_by_role("button", name=re.compile("^HALT"))
    expect(button).to_be_focused()
    one.picture("stop-focus")
    keyboard.press("Enter")  # too short
    assert engine.commands == []
    keyboard.down("Enter")
    one.sees("HALT: done")
    keyboard.up("Enter")
    assert [sent["verb"] for sent in engine.commands] == ["halt"]
    for _ in range(12):
        keyboard.press("Tab")
        assert one.page.evaluate(
            "() => [document.body, null].includes(document.activeElement)"
            " || document.activeElement.closest('dialog') !== null"
        )
    keyboard.press("Escape")
    expect(dialog).to_have_count(0)


def test_the_word_typed_into_the_dialog_halts_as_well(trading: Scene, window: Open) -> None:
    engine, one = engine_of(trading), window()
    dialog = opened(one, trading)
    typed = dialog.get_by_label("or type HALT and press Enter")
    typed.fill("halt please")
    typed.press("Enter")
    assert engine.commands == []
    typed.fill("HALT")
    typed.press("Enter")
    expect(dialog).to_contain_text("HALT: done")


def test_who_may_only_look_on_is_told_so_and_shown_the_other_doors(trading: Scene, window: Open) -> None:
    one = window()
    dialog = opened(one, trading, "viewer")
    expect(dialog).to_contain_text("Your role may look on only")
    expect(dialog.get_by_role("button", name=re.compile("^HALT"))).to_be_disabled()


def test_halt_with_no_engine_is_latched_and_says_that_nothing_was_closed(
    tmp_path: Path, window: Open
) -> None:
    with scene(tmp_path / "home") as made:
        one = window()
        with made.running(holding()):
            dialog = opened(one, made)
        one.sees(re.compile("No engine is connected"))
        hold(one, dialog.get_by_role("button", name=re.compile("^HALT")), "latched for the next start")
        expect(dialog).to_contain_text("Nothing was closed")
        assert (made.home / "HALT").exists()
        one.picture("stop-latched")
