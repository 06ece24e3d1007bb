"""Every planted fault: what it breaks, and by which invariants it has to be caught."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import msgspec

from ninefifteen.simulator.disaster.parts import Parts

from . import limits, machine, orders, people
from .swapping import Swap


def _as_shipped(parts: Parts) -> Parts:
    return parts


class Planted(msgspec.Struct, frozen=True):
    """One broken piece, in the engine (`swap`) or around it (`parts`), and the invariants that must fail.

    `begin` is the seed at which `make test` begins to look; the nightly run begins at 0.
    One that is found `late`, after minutes, is looked for at night only.
    """

    name: str
    caught_by: tuple[str, ...]
    swap: Callable[[], Swap] = nullcontext
    parts: Callable[[Parts], Parts] = _as_shipped
    begin: int = 0
    late: bool = False

    @contextmanager
    def at_work(self, shipped: Parts) -> Iterator[Parts]:
        """The pieces of a day with this one broken."""
        with self.swap():
            yield self.parts(shipped)


REQUIRED = (
    Planted("blind retry", ("I1", "I3", "I8"), orders.blind_retry),
    Planted("send before journal", ("I4",), parts=machine.send_before_journal),
    Planted("no reconcile", ("I15", "I7", "I12"), parts=machine.no_reconcile),
    Planted("impatient re-send", ("I2",), orders.impatient_resend),
    Planted("orphan stop", ("I2",), orders.orphan_stop),
    Planted("unknown treated as rejected", ("I12", "I15", "I7"), orders.unknown_as_rejected, begin=80),
    Planted("exit before cancel proof", ("I2",), orders.exit_before_cancel_proof, begin=60),
    Planted("wrong lot", ("I10",), limits.wrong_lot),
    Planted("double epoch", ("I13",), parts=machine.no_fence, begin=170),
    Planted("lost halt on restart", ("I5", "I14"), parts=machine.lost_halt, begin=220),
    Planted("ignored manual sale", ("I2",), people.ignored_manual_sale, begin=410),
    Planted("stop outside the band", ("I10", "I7"), limits.stop_outside_the_band),
)
"""The twelve that the product must never be able to contain unnoticed."""

MUTATIONS = (
    Planted("cancel taken as final", ("I15", "I7", "I2"), orders.cancel_as_final, begin=230),
    Planted("parked entry forgotten", ("I15", "I12", "I7"), orders.parked_forgotten, begin=210),
    Planted("fills go down", ("I19",), orders.fills_go_down, begin=630),
    Planted("final state not sticky", ("I19",), orders.final_not_sticky),
    Planted("a tag used twice", ("I1",), orders.same_tag_again, begin=50),
    Planted("entry after the window", ("I8",), limits.entry_after_the_window, begin=150),
    Planted("prices an hour old", ("I11",), limits.stale_prices, begin=930),
    Planted("no budget of modifications", ("I17",), limits.no_budget),
    Planted("repairs without a pause", ("I17",), limits.repairs_without_a_pause, late=True),
    Planted("stop for what was ordered", ("I2", "I7"), limits.too_much_protected, begin=40),
    Planted("alarm swallowed at exit_at", ("I6",), limits.alarm_swallowed, begin=1_060),
    Planted("never leaves at exit_at", ("I6",), limits.never_leaves_at_exit_at, begin=50),
    Planted("local stop never runs", ("I7", "I18"), limits.local_stop_never_runs),
    Planted("exit far under the bid", ("I10",), limits.half_price_ladder),
    Planted("entries while halted", ("I5",), people.entries_while_halted, begin=50),
    Planted(
        "halt forgets what is on its way", ("I5", "I18"), people.halt_forgets_what_is_on_its_way, begin=290
    ),
    Planted("nothing is durable", ("I4",), parts=machine.nothing_is_durable),
    Planted("answers not journaled", ("I14", "I15"), parts=machine.answers_not_journaled, begin=50),
    Planted("positions never read", ("I2", "I15"), parts=machine.positions_never_read, begin=60),
    Planted("a restart starts afresh", ("I8", "I1", "I15"), parts=machine.starts_afresh, begin=10),
    Planted("last step forgotten", ("I14",), parts=machine.last_step_forgotten, begin=10),
    Planted("a restart is not told", ("I15", "I12", "I7"), parts=machine.sending_forgotten, begin=20),
)
"""Small mistakes of the kind that is made on a Friday."""
