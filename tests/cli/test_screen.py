"""The terminal screen: a terminal taken over and given back, plain lines elsewhere, always honest."""

from __future__ import annotations

import io
from pathlib import Path

import msgspec
import pytest
from rich.console import Console

from ninefifteen.adapters.rules import load_rules
from ninefifteen.cli.screen import Screen
from ninefifteen.domain.settings import Settings
from ninefifteen.runtime.views import View, view_of
from ninefifteen.wiring.demo import synthetic_day_session
from tests.cli import screen_scenes as scenes

ENTERED, LEFT = "\x1b[?1049h", "\x1b[?1049l"
BANNER = "SYNTHETIC DAY (seed 10)"


@pytest.fixture
def terminal() -> scenes.Terminal:
    return scenes.Terminal()


@pytest.mark.parametrize("size", scenes.SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
@pytest.mark.parametrize("state", scenes.states())
def test_every_state_fills_every_terminal_exactly_and_says_that_the_day_is_synthetic(
    state: str, size: tuple[int, int]
) -> None:
    width, height = size
    rows = scenes.drawn(scenes.states()[state], width=width, height=height).split("\n")
    assert [len(row) for row in rows] == [width] * height
    assert BANNER in rows[0]


def test_a_real_day_has_no_banner() -> None:
    real = msgspec.structs.replace(scenes.view(), synthetic=False, seed=None)
    assert "SYNTHETIC" not in scenes.drawn(real)


@pytest.mark.parametrize("size", scenes.SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_what_leads_to_the_dashboard_stands_whole_at_the_top_where_it_fits(size: tuple[int, int]) -> None:
    width, height = size
    link = "http://127.0.0.1:8080/enter?key=" + "k" * 43
    screen = scenes.screen(scenes.console(width, height, file=scenes.Terminal()))
    assert screen.invite((link, "set-up code of the first visit: ABCD-EFGH"))
    rows = screen.draw(scenes.holding(), scenes.clock("09:58:30"), "x1").plain.split("\n")
    assert [len(row) for row in rows] == [width] * height
    if width >= len(link):
        assert link in rows[1]
        assert "ABCD-EFGH" in rows[2]
        assert rows[1].startswith("dashboard: ") is (width >= len(link) + len("dashboard: "))


def test_what_leads_to_the_dashboard_is_not_taken_where_nothing_is_drawn() -> None:
    assert not scenes.screen(scenes.console(file=io.StringIO())).invite(("http://127.0.0.1:8080",))


def test_the_terminal_is_given_back_when_the_day_breaks_off(terminal: scenes.Terminal) -> None:
    def break_off() -> None:
        with scenes.screen(scenes.console(file=terminal)) as screen:
            screen.refresh(scenes.holding(), scenes.clock("09:58:30"), "x1")
            assert terminal.getvalue().count(ENTERED) == 1
            assert LEFT not in terminal.getvalue()
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        break_off()
    sent = terminal.getvalue()
    assert sent.rindex(LEFT) > sent.rindex(BANNER)
    assert sent.rindex("\x1b[?25h") > sent.rindex("\x1b[?25l"), "the cursor is shown again"


def test_nothing_is_drawn_before_entering_and_after_leaving(terminal: scenes.Terminal) -> None:
    screen = scenes.screen(scenes.console(file=terminal))
    screen.refresh(scenes.view(), scenes.clock("09:15:05"), "x1")
    assert terminal.getvalue() == ""
    with screen:
        pass
    before = terminal.getvalue()
    screen.refresh(scenes.view(), scenes.clock("09:15:05"), "x1")
    assert terminal.getvalue() == before


def test_however_often_it_is_asked_it_draws_eight_times_a_second_and_the_end_always(
    terminal: scenes.Terminal,
) -> None:
    now = 0.0
    screen = Screen(scenes.console(file=terminal), title="demo", facts=scenes.facts(), monotonic=lambda: now)
    with screen:
        for tick in range(1000):
            now = tick / 1000
            screen.refresh(scenes.view(), scenes.clock("09:15:05"), "x1")
        assert terminal.getvalue().count(BANNER) == 8
        ended = msgspec.structs.replace(scenes.view(), ended=True)
        screen.refresh(ended, scenes.clock("15:40:00"), "x1")
        assert terminal.getvalue().count(BANNER) == 9


@pytest.mark.parametrize("environment", [{}, {"FORCE_COLOR": "1"}, {"TERM": "dumb"}])
def test_in_a_pipe_each_note_is_one_marked_plain_line_and_nothing_else_is_written(
    environment: dict[str, str],
) -> None:
    pipe = io.StringIO()
    screen = scenes.screen(Console(file=pipe, _environ=environment))
    with screen:
        screen.take(*scenes.step("09:15:20", scenes.note("bought [bold]1600[/] near Rs 118690.50")))
        screen.take(*scenes.step("09:15:21"))
        screen.take(*scenes.step("09:15:22", scenes.alarm("the position has no stop")))
        screen.refresh(scenes.holding(), scenes.clock("09:15:22"), "x1")
    assert pipe.getvalue().splitlines() == [
        "SYNTHETIC DAY (seed 10): invented prices, no market, no money",
        "[synthetic 10] 09:15:20.000 bought [bold]1600[/] near Rs 1,18,690.50",
        "[synthetic 10] 09:15:22.000 ALARM P1: the position has no stop",
    ]


def test_a_dumb_terminal_gets_lines_too(terminal: scenes.Terminal) -> None:
    screen = scenes.screen(Console(file=terminal, _environ={"TERM": "dumb"}))
    with screen:
        screen.take(*scenes.step("09:15:20", scenes.note("accepted")))
    assert "\x1b" not in terminal.getvalue()
    assert "09:15:20.000 accepted" in terminal.getvalue()


def test_a_terminal_does_not_get_the_notes_as_lines(terminal: scenes.Terminal) -> None:
    scenes.screen(scenes.console(file=terminal)).take(*scenes.step("09:15:20", scenes.note("accepted")))
    assert terminal.getvalue() == ""


def test_without_colour_the_banner_is_still_reversed_and_gains_and_losses_keep_their_signs(
    terminal: scenes.Terminal,
) -> None:
    plain = Console(file=terminal, width=120, height=40, _environ={"NO_COLOR": "1", "TERM": "xterm"})
    with scenes.screen(plain) as screen:
        screen.refresh(scenes.holding(), scenes.clock("09:58:30"), "x1")
    sent = terminal.getvalue()
    assert "\x1b[1;7m" in sent
    assert "\x1b[31" not in sent
    assert "▼ -Rs 683.45" in sent


def test_a_terminal_without_unicode_gets_plain_characters() -> None:
    class Old(scenes.Terminal):
        encoding = "cp437"

    for state in scenes.states().values():
        text = scenes.screen(scenes.console(file=Old())).draw(state, scenes.clock("09:58:30"), "x1").plain
        assert text.isascii()
        assert "09:58:30" in text


def test_a_whole_synthetic_day_is_drawn_and_summed_up(terminal: scenes.Terminal, tmp_path: Path) -> None:
    """Through the real engine and exchange, whatever this seed brings."""
    session = synthetic_day_session(Settings(), load_rules(None), scenes.DAY, scenes.SEED)
    runner, seen = session.runner, set()
    screen = scenes.screen(scenes.console(file=terminal))
    runner.watch(screen.take)
    with screen:
        while runner.record is None:
            runner.take_next()
            now = view_of(runner.engine.state)
            assert now is not None
            if phases(now) not in seen:
                seen.add(phases(now))
                screen.refresh(now, now.at, "as fast as it can")
                assert BANNER in screen.draw(now, now.at, "x1").plain
    screen.final(runner.record, files=[("journal", tmp_path / "a.journal")])
    assert len(seen) > 2
    assert str(tmp_path / "a.journal") in terminal.getvalue().replace("\n", "")


def phases(moment: View) -> tuple[str, ...]:
    return tuple(run.phase for run in moment.runs)
