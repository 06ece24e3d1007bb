"""Rows of the order book: whose they are, what they mean, and when they are not believed."""

from __future__ import annotations

import json
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as some

from ninefifteen.adapters.zerodha.order_rows import (
    OrderRow,
    TradeRow,
    exact_values,
    is_ours,
    order_row,
    own_orders,
    own_tag,
    report,
    trade_row,
)
from ninefifteen.domain.instants import at
from ninefifteen.domain.order import FINAL, OrderReport, OrderState
from ninefifteen.engine.orders import OrderBook as EngineBook
from tests.adapters.zerodha.anything import ANYTHING, spoiled
from tests.adapters.zerodha.fake_kite import mock, mock_bytes, raws
from tests.adapters.zerodha.kite_rows import DAY, TAG, order, trade


def read(**changes: object) -> OrderRow:
    return order_row(json.dumps(order(**changes)).encode())


def test_an_order_is_read_in_units_and_paise() -> None:
    assert read(status="OPEN", filled_quantity=25, average_price=45.5249) == OrderRow(
        order_id="1953341975595868160",
        tags=(TAG,),
        status="OPEN",
        state=OrderState.OPEN,
        exchange="NFO",
        symbol="ACME26NOV262.5CE",
        side="BUY",
        type="LIMIT",
        product="MIS",
        quantity=75,
        filled=25,
        average=4552,
        limit=4560,
        trigger=0,
        message="",
        ordered_at=at(DAY, time(9, 15, 1)),
        exchange_at=at(DAY, time(9, 15, 1)),
    )


@pytest.mark.parametrize(
    ("status", "state"),
    [
        ("OPEN", "open"),
        ("TRIGGER PENDING", "trigger_pending"),
        ("CANCELLED", "cancelled"),
        ("REJECTED", "rejected"),
        ("PUT ORDER REQ RECEIVED", "pending"),
        ("VALIDATION PENDING", "pending"),
        ("OPEN PENDING", "pending"),
        ("MODIFY VALIDATION PENDING", "pending"),
        ("MODIFY PENDING", "pending"),
        ("MODIFIED", "pending"),
        ("CANCEL PENDING", "pending"),
        ("AMO REQ RECEIVED", "pending"),
        ("UPDATE", "pending"),
        ("A WORD OF TOMORROW", "pending"),
        ("", "pending"),
    ],
)
def test_only_words_known_to_be_final_are_final(status: str, state: str) -> None:
    assert read(status=status).state == state


def test_complete_means_that_every_unit_is_filled() -> None:
    assert read(status="COMPLETE", filled_quantity=75).state is OrderState.COMPLETE
    assert read(status="COMPLETE", filled_quantity=50).state is OrderState.PENDING


def test_the_friendly_message_comes_before_the_raw_one() -> None:
    assert (
        read(status_message="Insufficient funds", status_message_raw="RMS:17070").message
        == "Insufficient funds"
    )
    assert read(status_message_raw="RMS:17070").message == "RMS:17070"


def test_a_stop_order_carries_its_trigger() -> None:
    found = read(order_type="SL", trigger_price=30.05, price=29.5)
    assert (found.type, found.trigger, found.limit) == ("SL", 3005, 2950)


def test_an_id_that_comes_as_a_number_keeps_all_its_digits() -> None:
    assert read(order_id=1953341975595868161).order_id == "1953341975595868161"


@pytest.mark.parametrize(
    "changes",
    [
        {"order_id": None},
        {"order_id": "../../user"},
        {"order_id": ""},
        {"status": None},
        {"tradingsymbol": 5},
        {"transaction_type": "HOLD"},
        {"quantity": -75},
        {"quantity": 10},
        {"filled_quantity": 76},
        {"filled_quantity": "25"},
        {"price": -1},
        {"price": 45.505},
        {"price": 1e99},
        {"average_price": "NaN"},
        {"trigger_price": 0.001},
        {"order_timestamp": "09:15"},
    ],
)
def test_a_row_that_cannot_be_true_is_refused(changes: dict[str, object]) -> None:
    changes = {"filled_quantity": 25} | changes
    with pytest.raises(ValueError, match=r"\w"):
        read(**changes)


@pytest.mark.parametrize(
    "name",
    ["order_id", "status", "tradingsymbol", "transaction_type", "quantity", "filled_quantity", "price"],
)
def test_a_row_without_what_matters_is_refused(name: str) -> None:
    row = order()
    del row[name]
    with pytest.raises(ValueError, match=name):
        order_row(json.dumps(row).encode())


def test_a_row_may_lack_what_does_not_matter_and_hold_what_nobody_knows() -> None:
    kept = ("order_id", "status", "tradingsymbol", "transaction_type", "quantity", "filled_quantity", "price")
    row = {name: value for name, value in order().items() if name in (*kept, "order_type")}
    found = order_row(json.dumps(row | {"new": {"in": [2027]}}).encode())
    assert (found.tags, found.average, found.trigger, found.ordered_at) == ((), 0, 0, 0)


class TestWhoseOrderItIs:
    """The book holds the orders of every program and person of the account."""

    def test_every_tag_the_engine_makes_is_known_as_ours(self) -> None:
        book = EngineBook()
        for epoch in (0, 7, 99):
            book.epoch = epoch
            for role in ("entry", "protect", "repair"):
                tag = book.new_tag(DAY.toordinal(), role)
                assert own_tag([tag]) == tag
        assert own_tag(["x01abcdefghijr"]) == "x01abcdefghijr"  # 14 characters, as the rule allows

    @pytest.mark.parametrize(
        "tag", ["openalgo", "x", "mktp:2.00", "connect test order1", "x01", "X01ABCDEFGE", ""]
    )
    def test_other_tags_are_not(self, tag: str) -> None:
        assert own_tag([tag]) == ""
        assert not is_ours(json.dumps(order(tag=tag, tags=None)).encode(), {})

    def test_the_tag_may_stand_among_the_tags_only(self) -> None:
        (raw,) = raws([order(tag=None, tags=["mktp", TAG])])
        assert is_ours(raw, {})

    def test_an_order_without_a_tag_is_ours_by_the_id_we_were_given(self) -> None:
        (raw,) = raws([order(tag=None, tags=None)])
        assert not is_ours(raw, {})
        assert is_ours(raw, {"1953341975595868160"})

    def test_rows_of_others_are_counted_and_may_be_as_wrong_as_they_like(self) -> None:
        theirs = order(tag="openalgo", tags=None, quantity=-1, price="free")
        book = own_orders(raws([order(), theirs, {"order_id": None}, {}]), {})
        assert [row.order_id for row in book.ours] == ["1953341975595868160"]
        assert book.foreign == 3

    @pytest.mark.parametrize("row", [order(quantity=None), order(tag=5, tags=None), "row", None, []])
    def test_a_wrong_row_of_ours_or_of_nobody_knows_whom_spoils_the_book(self, row: object) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            own_orders(raws([order(order_id="2"), row]), {})


class TestTrades:
    """The trade book tells the exact sum of several fills."""

    def test_a_trade_is_read_in_units_and_paise(self) -> None:
        assert trade_row(json.dumps(trade("7", 25, 45.55)).encode()) == TradeRow(
            trade_id="7",
            order_id="1953341975595868160",
            exchange="NFO",
            symbol="ACME26NOV262.5CE",
            side="BUY",
            product="MIS",
            quantity=25,
            price=4555,
            at=at(DAY, time(9, 15, 2)),
        )

    @pytest.mark.parametrize(
        "changes", [{"average_price": -1}, {"quantity": None}, {"trade_id": None}, {"fill_timestamp": "9:15"}]
    )
    def test_a_trade_that_cannot_be_true_is_refused(self, changes: dict[str, object]) -> None:
        with pytest.raises(ValueError, match=r"\w"):
            trade_row(json.dumps(trade("7", 25, 45.55) | changes).encode())

    def test_sums_are_exact_where_the_trades_add_up(self) -> None:
        rows = [
            trade_row(raw)
            for raw in raws([trade("1", 25, 45.5), trade("2", 50, 45.55), trade("2", 50, 45.55)])
        ]
        number = "1953341975595868160"
        assert exact_values(rows, {number: 75}) == {number: 25 * 4550 + 50 * 4555}
        assert exact_values(rows, {number: 80}) == {}
        assert exact_values(rows, {"another": 75}) == {}


def test_a_report_is_the_row_in_the_words_of_the_core() -> None:
    row = read(status="CANCELLED", filled_quantity=25, average_price=45.5, status_message="by user")
    assert report(row, TAG, 113_750) == OrderReport(
        order_id="1953341975595868160",
        tag=TAG,
        status=OrderState.CANCELLED,
        quantity=75,
        filled=25,
        average=4550,
        limit=4560,
        message="by user",
        value=113_750,
        name="ACME26NOV262.5CE",
    )


@given(ANYTHING | spoiled(order()) | spoiled(trade("7", 25, 45.55)))
def test_any_json_at_all_is_a_row_or_a_plain_error(value: object) -> None:
    raw = json.dumps(value).encode()
    for parse in (order_row, trade_row, lambda row: is_ours(row, {})):
        try:
            found: Any = parse(raw)
        except ValueError:
            continue
        if isinstance(found, OrderRow):
            assert 0 <= found.filled <= found.quantity
            assert found.state not in FINAL or found.status.strip().upper() == found.state.upper()


@given(some.binary())
def test_bytes_that_are_no_json_are_a_plain_error(raw: bytes) -> None:
    for parse in (order_row, trade_row):
        try:
            parse(raw)
        except ValueError:
            continue
        pytest.fail(f"read an order from {raw!r}")


@pytest.mark.real_data
class TestZerodhaSOwnSamples:
    """Sample replies that the broker publishes."""

    def test_every_order_of_the_book_is_read(self, real_data: Path) -> None:
        rows = [order_row(raw) for raw in raws(mock(real_data, "orders.json"))]
        assert len(rows) == 10
        by_id = {row.order_id: row for row in rows}
        market = by_id["1953341975595868160"]
        assert (market.average, market.limit, market.tags) == (15670, 15982, ("mktp", "mktp:2.00"))
        assert by_id["220524001859672"].state is OrderState.REJECTED
        assert by_id["220524001859672"].message.startswith("Insufficient funds.")
        assert {row.state for row in rows} <= FINAL

    def test_none_of_them_is_ours(self, real_data: Path) -> None:
        book = own_orders(raws(mock(real_data, "orders.json")), {})
        assert (book.ours, book.foreign) == ((), 10)

    def test_the_states_of_one_order_are_read_in_order(self, real_data: Path) -> None:
        rows = [order_row(raw) for raw in raws(mock(real_data, "order_info.json"))]
        assert [row.state for row in rows][:4] == [OrderState.PENDING] * 3 + [OrderState.OPEN]
        assert rows[0].ordered_at == at(date(2017, 12, 29), time(11, 6, 52))

    def test_the_object_of_an_order_update_has_the_same_shape(self, real_data: Path) -> None:
        row = order_row(mock_bytes(real_data, "postback.json"))
        assert (row.state, row.average, row.filled) == (OrderState.COMPLETE, 47000, 1)
