"""The state that goes to whoever watches: complete, in plain figures, and read without changing anything."""

from __future__ import annotations

from typing import Any

import msgspec

from ninefifteen.domain.instants import SECOND
from ninefifteen.domain.order import Holding
from ninefifteen.reports.state_document import between_document, state_document
from tests.engine.builders import CALL, LOT, PRICES, Desk, chain, facts

Document = dict[str, Any]


def told(desk: Desk, after_s: float = 0, **changes: Any) -> Document:
    """The state of this desk so many seconds later, as a client reads it."""
    given: dict[str, Any] = {"wiring": "paper", "rehearsal": False, "speed": ""} | changes
    document = state_document(desk.engine.state, desk.now + round(after_s * SECOND), **given)
    read: Document = msgspec.json.decode(msgspec.json.encode(document))
    return read


def strategy(desk: Desk) -> Document:
    found: Document = told(desk)["strategies"][0]
    return found


def clocks(desk: Desk) -> dict[str, str | None]:
    """The times of the first strategy as clocks."""
    return {name: at and at[11:23] for name, at in strategy(desk)["times"].items()}


# ---- times


def test_the_times_of_a_trade_come_one_after_the_other():
    desk = Desk().armed()
    assert clocks(desk) == {
        "decided": "09:14:00.000",
        **dict.fromkeys(("first_quote", "sent", "filled", "exit_sent", "exit_filled")),
    }
    desk.go("09:15:00").stocks().wait(1).quote(4_000, 5_000).wait(1).quote(4_950, 5_000)
    assert clocks(desk)["first_quote"] == "09:15:01.000", "the first one, not the one that was taken"
    assert clocks(desk)["sent"] == "09:15:02.000"
    desk.wait(1).accept().report("complete", LOT, average=5_000)
    desk.accept().report("trigger_pending").wait(1).quote(5_400, 5_450)
    assert (clocks(desk)["filled"], clocks(desk)["exit_sent"]) == ("09:15:03.000", "09:15:04.000")
    desk.wait(1).report("complete", LOT, average=5_400)
    assert clocks(desk)["exit_filled"] == "09:15:05.000"


def test_of_a_stop_that_sold_by_itself_the_time_it_was_sent_is_told():
    desk = Desk().holding().wait(9)
    assert clocks(desk)["exit_sent"] is None
    desk.report("complete", LOT)
    assert (clocks(desk)["exit_sent"], clocks(desk)["exit_filled"]) == ("09:15:00.000", "09:15:09.000")


# ---- the position and its prices


def test_a_position_tells_how_far_the_bid_has_come_and_how_old_it_is():
    desk = Desk().holding().wait(1).quote(5_200, 5_250)
    (position,) = told(desk, after_s=1.5)["positions"]
    assert (position["to_target"], position["to_stop"]) == (0.5, 0.0)
    assert (position["target"], position["target_away"]) == ("54.00", "2.00")
    assert position["quote_age_s"] == 1.5
    (position,) = told(desk.wait(1).quote(4_800, 4_850))["positions"]
    assert position["to_target"] == 0.0
    assert 0 < position["to_stop"] < 1
    assert (position["stop"], position["stop_away"]) == ("42.55", "5.45")


def test_without_a_bid_no_distance_is_made_up():
    desk = Desk().holding().wait(1).quote(0, 5_250)
    (position,) = told(desk)["positions"]
    assert {position[name] for name in ("to_target", "to_stop", "target_away", "stop_away")} == {None}


def test_the_age_of_the_feed_is_that_of_the_newest_price_and_of_the_contract_that_matters():
    assert told(Desk().armed())["feed"] == {
        "newest_at": None, "age_s": None, "contract": CALL, "contract_at": None, "contract_age_s": None
    }  # fmt: skip
    desk = Desk().holding().wait(2).stocks()
    feed = told(desk, after_s=1)["feed"]
    assert (feed["age_s"], feed["contract"], feed["contract_age_s"]) == (1.0, CALL, 3.0)
    done = desk.report("complete", LOT)
    assert told(done)["feed"]["contract"] is None


def test_the_share_behind_the_contract_is_shown_with_its_change():
    assert strategy(Desk().armed())["spot"] == {
        "symbol": "AAA", "price": None, "pre_open": "1030.00", "previous_close": "1000.00", "change": None
    }  # fmt: skip
    spot = strategy(Desk().watching().stocks(AAA=104_000))["spot"]
    assert (spot["price"], spot["change"]) == ("1040.00", 0.04)
    assert strategy(Desk().open())["spot"] is None


# ---- the broker


def test_the_broker_s_positions_stand_beside_ours_with_what_somebody_else_holds():
    desk = Desk().holding()
    assert told(desk)["broker"]["positions"] is None, "not read yet"
    desk.positions(Holding(name=CALL, net=LOT + 50), Holding(name="X", net=-3), Holding(name="Y", net=0))
    assert told(desk)["broker"]["positions"] == [
        {"contract": CALL, "at_broker": LOT + 50, "ours": LOT, "others": 50},
        {"contract": "X", "at_broker": -3, "ours": 0, "others": -3},
    ]


# ---- why


def test_why_names_what_speaks_for_the_pick_and_then_who_was_passed_over():
    dear = chain("AAA", row={"oi": 0})
    why = strategy(Desk().watching(dear))["why"]
    assert why[0] == "BBB is number 2 of 3 by its pre-open gain: +2.00 %, Rs 1,000.00 to Rs 1,020.00."
    assert why[1] == "Its put/call ratio of yesterday is 1.00 (0.7 to 1.5 is asked for)."
    assert why[2].startswith("BBB 2026-12-29 1020 CE is the call whose strike lies nearest to that price;")
    assert why[-2].startswith("Not bought yet: ")
    assert why[-1] == "1. AAA (+3.00 %): the option trades too little - open interest 0 lots, 100 needed."


def test_why_tells_how_a_trade_ended_and_why_there_was_none():
    assert strategy(Desk().open())["why"] == []
    desk = Desk().holding().wait(1).quote(5_400, 5_450)
    assert strategy(desk)["why"][-1] == "Being sold: the target was reached."
    assert strategy(desk.report("complete", LOT, average=5_400))["why"][-1] == "Sold: the target was reached."
    poor = [chain(name, row={"oi": 0}) for name in PRICES]
    none = strategy(Desk().armed(*poor))
    assert len(none["why"]) == 4
    assert none["why"][0] == "No trade: no stock passes every test today."
    late = Desk()
    late.now += 3600 * SECOND
    assert strategy(late.open())["why"] == ["No trade: started after the entry window."]


def test_of_many_that_were_passed_over_the_first_are_named():
    names = [f"S{number:02d}" for number in range(9)]
    from ninefifteen.domain.market import PreOpenRow

    rows = tuple(PreOpenRow(name, 100_100, 100_000) for name in names)
    desk = Desk(facts(universe=tuple(names))).open().go("09:14:00").pre_open(rows)
    from ninefifteen.domain.events import Chains

    wanted = desk.run.wanted
    desk.step(Chains(desk.now, tuple(_empty(name) for name in wanted)))
    why = strategy(desk)["why"]
    assert why[-1] == "and 4 more that were passed over."
    assert len(why) == 7


def test_a_tightened_stop_is_said():
    desk = Desk(risk={"max_daily_loss": 1500}).holding()
    assert desk.position.plan is not None
    assert desk.position.plan.tightened
    assert any(line.startswith("The stop was tightened to Rs ") for line in strategy(desk)["why"])
    wide = strategy(Desk(strategy={"pcr_max": 0}).armed())["why"]
    assert wide[1].endswith("(0.7 or more is asked for).")
    free = strategy(Desk(strategy={"pcr_max": 0, "pcr_min": 0}).armed())["why"]
    assert free[1] == "Its put/call ratio of yesterday is 1.00."


# ---- what the whole day is


def test_what_is_invented_or_rehearsed_says_so():
    assert told(Desk())["watermark"] is None
    assert told(Desk(), rehearsal=True)["watermark"] == "REHEARSAL"
    invented = Desk(facts(synthetic=True)).open()
    assert told(invented)["watermark"] == "SYNTHETIC"
    assert told(invented, rehearsal=True)["watermark"] == "REHEARSAL", "what it is for comes first"
    assert told(Desk().open(), account="1234")["account"] == "1234"


def test_a_day_that_is_taken_up_again_counts_its_restarts():
    from ninefifteen.domain.events import Restarted

    desk = Desk().holding()
    desk.step(Restarted(desk.now, epoch=2))
    assert told(desk)["restarts"] == 2


def test_the_same_moment_is_told_the_same_twice_and_the_next_one_anew():
    desk = Desk().holding().wait(1).quote(5_100, 5_150)
    assert told(desk) == told(desk)
    other = told(Desk().watching())
    assert other["strategies"][0]["position"] is None
    assert other["strategies"][0]["why"] != strategy(desk)["why"]


def test_between_days_only_what_comes_next_is_told():
    document = between_document(
        0,
        wiring="paper",
        rehearsal=True,
        synthetic=True,
        halted=None,
        paused="me: tea",
        session={"phase": "closed"},
        last_day=None,
    )
    assert (document["date"], document["watermark"], document["paused"]) == (None, "REHEARSAL", "me: tea")
    assert (document["mode"], document["synthetic"]) == ("paper", True)


def _empty(name: str) -> Any:
    return msgspec.structs.replace(chain("AAA"), symbol=name, calls=())
