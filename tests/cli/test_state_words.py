"""The state of an engine in plain lines: what is stopped, what is held, and how well it is known."""

from __future__ import annotations

from typing import Any

from ninefifteen.cli.state_words import heading_words, held_words, order_words, stop_words

RUN = {"strategy": "nine_fifteen", "phase": "watching", "waiting": "spread", "done_reason": None}
STATE: dict[str, Any] = {
    "mode": "live",
    "rehearsal": True,
    "synthetic": False,
    "seed": None,
    "date": "2026-12-04",
    "clock": "2026-12-04T09:15:03.000+05:30",
    "speed": None,
    "halted": None,
    "paused": None,
    "losing_streak": None,
    "strategies": [RUN],
    "positions": [],
    "orders": [],
    "flat": True,
    "broker": {"reconciled": False},
}
BROKER = {
    "reconciled": True,
    "known_at": "2026-12-04T09:15:01.000+05:30",
    "age_s": 2.2,
    "blind_since": None,
    "differs": None,
}
HELD = {
    "quantity": 50,
    "contract": "MARUTI 2026-12-29 13600 CE",
    "average": "271.15",
    "bid": "260.00",
    "stop": "235.35",
    "stop_resting": True,
    "target": "292.85",
    "result": "-563.41",
    "leaving": None,
}
ORDER = {
    "order_id": "1",
    "role": "protect",
    "side": "SELL",
    "quantity": 50,
    "contract": "X",
    "type": "SL",
    "limit": "153.00",
    "trigger": "235.35",
    "filled": 0,
    "state": "trigger_pending",
    "message": None,
}


def test_the_heading_says_what_runs_and_why_it_waits():
    assert heading_words(STATE) == [
        "an engine is running: live REHEARSAL 2026-12-04, clock 09:15:03",
        "nine_fifteen: watching (spread)",
    ]
    demo = STATE | {"mode": "demo", "rehearsal": False, "synthetic": True, "seed": 7, "speed": "x60"}
    assert "demo SYNTHETIC DAY (seed 7) 2026-12-04, clock 09:15:03, x60" in heading_words(demo)[0]
    assert heading_words(STATE | {"date": None}) == ["an engine is running; no day is open (clock 09:15:03)"]


def test_everything_that_stops_it_has_a_line():
    stopped = STATE | {"halted": "cli:a: x", "paused": "cli:a: y", "losing_streak": 4}
    told = stop_words(stopped)
    assert [line.split(":")[0] for line in told] == ["HALTED", "PAUSED", "STOPPED"]
    assert stop_words(STATE) == []
    assert stop_words({"halted": None, "paused": None}) == []


def test_the_age_of_the_brokers_books_is_told_and_being_blind_is_loud():
    assert stop_words(STATE | {"broker": BROKER}) == [
        "the broker's books were last read at 09:15:01 (2 s ago)"
    ]
    blind = {
        "known_at": None,
        "age_s": None,
        "blind_since": BROKER["known_at"],
        "differs": "an order is missing",
    }
    told = stop_words(STATE | {"broker": BROKER | blind})
    assert told == [
        "the broker's books have not been read yet",
        "BLIND since 09:15:01: what follows is the last known",
        "no entry until the books agree: an order is missing",
    ]


def test_what_is_held_has_its_levels_and_a_stop_that_does_not_rest_is_loud():
    (line,) = held_words(STATE | {"positions": [HELD]})
    assert line == (
        "holding 50 MARUTI 2026-12-29 13600 CE bought at Rs 271.15, bid 260.00,"
        " stop 235.35 (resting), target 292.85, now Rs -563.41"
    )
    bare = HELD | {"bid": None, "stop_resting": False, "result": None, "leaving": "halt"}
    (line,) = held_words(STATE | {"positions": [bare]})
    assert "bid none, stop 235.35 (NOT resting)" in line
    assert line.endswith("now Rs unknown, being sold (halt)")


def test_nothing_held_is_only_said_as_far_as_it_is_known():
    assert held_words(STATE) == ["the bot holds nothing"]
    assert held_words(STATE | {"flat": False}) == ["the bot has an order in the market"]
    assert "not known well enough" in held_words(STATE | {"flat": None})[0]
    assert held_words(STATE | {"date": None}) == []


def test_an_order_has_its_price_its_state_and_what_the_broker_said():
    done = ORDER | {"order_id": "", "trigger": None, "state": "rejected", "message": "no margin"}
    orders = STATE | {"orders": [ORDER, done]}
    living, over = order_words(orders, living=False)
    assert living == "order 1 protect: SELL 50 X SL limit 153.00 trigger 235.35, filled 0: trigger_pending"
    assert over.startswith("order (no id yet) protect")
    assert over.endswith("rejected (no margin)")
    assert order_words(orders, living=True) == [living]
