"""What each panel of the screen says, and what it must never leave out."""

from __future__ import annotations

import msgspec
import pytest

from ninefifteen.cli.screen.arrange import shares
from ninefifteen.reports.verdicts import verdicts
from tests.cli import screen_scenes as scenes


@pytest.mark.parametrize(
    ("clock", "phase", "words", "upcoming"),
    [
        ("09:05:00", "idle", "pre-open auction: prices are not final", "auction final 09:12:00 in 7:00"),
        ("09:13:30", "idle", "pre-open prices are final", "scan 09:14:00 in 30 s"),
        ("09:14:20", "armed", "ready: waiting for the opening", "entry 09:15:00 in 40 s"),
        ("09:15:05", "watching", "waiting for an acceptable quote", "cutoff 09:15:30 in 25 s"),
        ("09:15:20", "entering", "entry order sent", "cutoff 09:15:30 in 10 s"),
        ("09:14:30", "done", "done for today", "close 15:40:00 in 6:25:30"),
        ("15:40:00", "done", "the market is closed", "the day is over"),
    ],
)
@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
def test_the_phase_and_the_countdown_to_the_next_thing(
    clock: str, phase: str, words: str, upcoming: str, size: tuple[int, int]
) -> None:
    text = scenes.drawn(scenes.view(scenes.run(phase)), clock, *size)
    assert words in text
    assert upcoming in text


def test_while_something_is_held_the_next_thing_is_the_square_off() -> None:
    assert "square-off 15:10:00 in 5:11:30" in scenes.drawn(scenes.holding(), "09:58:30")


def test_the_reason_for_waiting_is_said_in_words() -> None:
    waiting = scenes.view(scenes.run("watching", waiting="spread"))
    assert "waiting for an acceptable quote: the spread is too wide" in scenes.drawn(waiting)


def test_before_the_scan_the_ranking_says_what_will_be_there() -> None:
    text = scenes.drawn(scenes.before_the_scan(), "09:13:30")
    assert "At 09:14:00 the 50 members are ranked here" in text


def test_the_ranking_shows_gain_ratio_code_and_reason_of_each() -> None:
    rows = scenes.drawn(scenes.view()).split("\n")
    failed = next(row for row in rows if "HDFC" in row)
    assert all(part in failed for part in ("+3.00 %", "0.56", "pcr_out_of_range", "put/call ratio 0.561"))
    assert "yesterday" not in failed
    assert any("PCR: yesterday's put/call open interest, this expiry, all strikes" in row for row in rows)
    assert next(row for row in rows if "M&M" in row).count("gain too small") == 1
    picked = next(row for row in rows if "TCS" in row)
    assert "✓" in picked
    assert "the pick" in picked
    assert "prepared behind the pick" in next(row for row in rows if "WIPRO" in row and "▶" in row)


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, ["", "pick", "prepared", "prepared", "passes", ""]),
        ({"current": 2}, ["", "given_up", "pick", "prepared", "passes", ""]),
        ({"phase": "holding", "current": 2}, ["", "given_up", "bought", "prepared", "passes", ""]),
        ({"phase": "done", "trade": scenes.TRADE}, ["", "bought", "prepared", "prepared", "passes", ""]),
        ({"phase": "done", "current": 3}, ["", "given_up", "given_up", "not_bought", "passes", ""]),
        ({"picks": (), "current": None}, ["", "passes", "passes", "passes", "passes", ""]),
    ],
)
def test_what_became_of_each_candidate(changes: dict[str, object], expected: list[str]) -> None:
    assert verdicts(msgspec.structs.replace(scenes.run(), **changes)) == expected


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
def test_the_plan_shows_its_three_losses_break_even_and_tightened_stop(size: tuple[int, int]) -> None:
    text = " ".join(scenes.drawn(scenes.view(), "09:15:05", *size).replace("│", " ").split())
    for part in ("1,991.24", "10,881.44", "1,03,903.89", "break-even at 64.2 % wins"):
        assert part in text
    assert "tightened from -30.0 % to -10.8 % so that" in text
    assert "Rs 2,000.00." in text


def test_a_stop_that_was_not_tightened_is_not_said_to_be() -> None:
    plan = msgspec.structs.replace(scenes.PLAN, tightened=False, stop=420)
    assert "tightened" not in scenes.drawn(scenes.view(scenes.run(plan=plan)))


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
def test_the_position_shows_its_result_at_the_bid_with_sign_and_arrow_and_its_guard(
    size: tuple[int, int],
) -> None:
    text = scenes.drawn(scenes.holding(), "09:58:30", *size)
    assert "▼ -Rs 683.45 after charges, sold at the bid" in text
    assert "to target 0.70 (+12.1 %)   to stop 0.45 (-7.8 %)" in text
    assert "✓ stop order rests at the exchange" in text
    won = scenes.drawn(scenes.holding(bid=640, result=101_265), "09:58:30", *size)
    assert "▲ +Rs 1,012.65" in won


def test_the_bar_moves_from_stop_to_target_with_the_bid() -> None:
    places = []
    for bid in (400, 535, 580, 650, 900):
        rows = scenes.drawn(scenes.holding(bid=bid), "09:58:30").split("\n")
        places.append(next(row for row in rows if "●" in row).index("●"))
    assert places == sorted(places)
    assert places[0] == places[1] < places[2] < places[3] == places[4]


def test_without_a_bid_no_result_is_made_up() -> None:
    text = scenes.drawn(scenes.holding(bid=0, result=None), "09:58:30")
    assert "no bid: the result is not known now" in text
    assert "sold at the bid" not in text
    assert "●" not in text


def test_a_position_without_a_resting_stop_is_shouted() -> None:
    assert "! NO stop order rests" in scenes.drawn(scenes.holding(stop_resting=False), "09:58:30")


def test_a_position_being_left_says_why() -> None:
    text = scenes.drawn(scenes.holding(leaving="time", stop_resting=False), "15:10:01")
    assert "leaving: square-off time" in text


def test_a_round_trip_shows_result_prices_and_why() -> None:
    text = scenes.drawn(scenes.after_a_loss(), "10:06:00")
    assert "▼ LOSS -Rs 2,028.73 after charges of Rs 78.73" in text
    assert "the stop was reached" in text
    assert "fits in the daily limit" in " ".join(text.replace("│", " ").split())


def test_after_the_limit_was_exceeded_nothing_is_left_of_it() -> None:
    text = scenes.drawn(scenes.after_a_loss(), "10:06:00")
    assert "today ▼ -Rs 2,028.73" in text
    assert "may still lose 0.00 (limit 2,000.00) ░░░░░░░░░░" in text


def test_no_trade_is_a_result_with_its_reason() -> None:
    assert "NO TRADE today: no stock passes every test today" in scenes.drawn(scenes.no_trade(), "09:20:00")


@pytest.mark.parametrize("size", [(80, 24), (120, 40), (160, 45)])
def test_while_the_broker_does_not_answer_the_position_is_the_last_known_with_its_age(
    size: tuple[int, int],
) -> None:
    since, known = scenes.clock("09:57:50"), scenes.clock("09:57:48")
    view = scenes.holding(known_at=known, blind_since=since)
    blind = msgspec.structs.replace(view, known_at=known, blind_since=since, unreconciled="of before")
    text = scenes.drawn(blind, "09:58:30", *size)
    assert "THE BROKER DOES NOT ANSWER: orders and positions as known 42 s ago" in text.split("\n")[1]
    assert text.count("as known 42 s ago") == 2
    assert "WIPRO 2026-12-29 262.5 CE" in text
    assert "WAITING" not in text


def test_a_broker_that_was_never_heard_is_said_to_be_silent_and_nothing_is_made_up() -> None:
    view = msgspec.structs.replace(scenes.view(), blind_since=scenes.clock("09:00:00"))
    assert "orders and positions were not read yet; look in its app" in scenes.drawn(view)


def test_books_that_do_not_agree_take_a_row_that_says_why_nothing_enters() -> None:
    view = msgspec.structs.replace(scenes.view(), unreconciled="the outcome of an order is not known")
    row = scenes.drawn(view).split("\n")[1]
    assert "WAITING: the outcome of an order is not known. Nothing enters until both books agree." in row


def test_a_halt_and_a_pause_take_a_row_of_their_own() -> None:
    halted = msgspec.structs.replace(scenes.view(), halted="telegram: enough")
    assert "HALTED: telegram: enough." in scenes.drawn(halted, width=80, height=24).split("\n")[1]
    paused = msgspec.structs.replace(scenes.view(), paused="lunch")
    assert "PAUSED: lunch." in scenes.drawn(paused).split("\n")[1]


def test_the_latest_alarm_stays_in_sight_and_the_log_keeps_times() -> None:
    screen = scenes.screen(scenes.console(80, 24))
    screen.take(*scenes.step("09:15:20.190", scenes.alarm("the position has no stop")))
    for second in range(21, 50):
        screen.take(*scenes.step(f"09:15:{second}", scenes.note(f"note {second}")))
    text = screen.draw(scenes.view(), scenes.clock("09:16:00"), "x1").plain
    assert "latest 09:15:20.190 ALARM P1: the position has no stop" in text
    assert "09:15:49.000 note 49" in text


def test_candidates_are_left_to_the_ranking_and_not_repeated_in_the_log() -> None:
    screen = scenes.screen()
    screen.take(*scenes.step("09:14:00", scenes.note("1. HDFC: its own line", "candidate")))
    assert "its own line" not in screen.draw(scenes.view(), scenes.clock("09:14:01"), "x1").plain


def test_the_strategy_that_holds_something_is_in_the_foreground_and_the_others_are_named() -> None:
    other = scenes.run("holding", strategy="opening_range", position=scenes.POSITION)
    text = scenes.drawn(scenes.view(scenes.run("done", done_reason="not_filled"), other), "09:58:30")
    assert "after charges, sold at the bid" in text
    assert "nine_fifteen: done for today · opening_range: in the position" in text


def test_orders_show_what_they_ask_for_and_a_refusal_in_the_brokers_words() -> None:
    refused = msgspec.structs.replace(scenes.ORDER, state="rejected", message="margin exceeds")
    bought = msgspec.structs.replace(scenes.ORDER, role="entry", side="BUY", filled=3000, average=600)
    moment = msgspec.structs.replace(scenes.holding(), orders=(bought, scenes.ORDER, refused))
    text = scenes.drawn(moment, "09:58:30", 160, 45)
    assert "3,000/3,000 at 6.00" in text
    assert "stop 5.35, limit 2.40" in text
    assert "REJECTED: margin exceeds" in text


@pytest.mark.parametrize(
    ("room", "given"),
    [(0, [0, 0]), (3, [3, 0]), (5, [3, 2]), (8, [6, 2]), (100, [6, 4])],
)
def test_room_goes_to_the_most_important_first(room: int, given: list[int]) -> None:
    assert shares(room, [(3, 6), (2, 4)]) == given
