"""The scan: ask for pre-open prices, rank, ask for the chains of the few, select, prepare."""

from __future__ import annotations

from ninefifteen.domain.candidate import Candidate, Plan
from ninefifteen.domain.effects import AskChains, AskPreOpen, Subscribe, SubscribeStocks
from ninefifteen.domain.events import Chains, PreOpen
from ninefifteen.domain.instants import SECOND, day_of
from ninefifteen.domain.money import rupees

from . import cadence
from .entry import finish, open_window
from .planning import select
from .state import EngineState, Phase, Run
from .strategy import ScanView

_ASK_AGAIN = 5 * SECOND


def start(state: EngineState, run: Run) -> None:
    """The scan time has come."""
    if run.phase is Phase.IDLE:
        run.phase = Phase.SCANNING
        state.note("phase", "scanning the pre-open", strategy=run.strategy.name)
        state.emit(AskPreOpen())
        if state.careful:
            cadence.ask(state)
            cadence.wake(state)


def on_pre_open(state: EngineState, event: PreOpen) -> None:
    """Final prices of today are ranked; indicative or old ones must not decide and are asked again."""
    facts = state.day
    stale = day_of(event.exchange_at) != facts.date or event.exchange_at < facts.preopen_final_at
    for run in state.runs:
        if run.phase is not Phase.SCANNING or run.ranked:
            continue
        if stale or not event.final:
            state.note(
                "phase", "the pre-open prices are not final yet: asking again", strategy=run.strategy.name
            )
            run.phase = Phase.IDLE
            state.timer(f"{run.strategy.name}:scan", state.now + _ASK_AGAIN)
            continue
        run.ranked = run.strategy.rank(facts, event.rows)
        run.wanted = run.strategy.wanted(run.ranked)
        if run.wanted:
            state.emit(AskChains(run.wanted, facts.expiry))
        else:
            finish(state, run, "no_candidate", "no member has a pre-open price")


def on_chains(state: EngineState, event: Chains) -> None:
    """The chains are here: test the candidates, choose, subscribe to what may be bought."""
    chains = {chain.symbol: chain for chain in event.chains}
    for run in state.runs:
        if run.phase is not Phase.SCANNING or not run.ranked or not chains.keys() >= set(run.wanted):
            continue  # not scanning, or the answer to another strategy's question
        run.selection, plan = select(state, run, ScanView(state.day, run.ranked, chains))
        run.decided_at = state.now
        for candidate in run.selection.candidates:
            _candidate_note(state, candidate)
        if run.no_data is not None:
            run.phase = Phase.DONE
            continue
        if plan is None:
            finish(state, run, "no_candidate", "no stock passes every test today")
            continue
        run.phase = Phase.ARMED
        _announce(state, run, plan)
        _subscribe(state, run)
        if state.now >= run.hours.entry_at:
            open_window(state, run)


def _subscribe(state: EngineState, run: Run) -> None:
    chosen = [run.selection.candidates[n] for n in run.selection.picks]
    state.emit(SubscribeStocks())
    state.emit(Subscribe(tuple(c.instrument.name for c in chosen if c.instrument is not None)))
    for candidate in chosen:
        state.stock_bars.setdefault(candidate.symbol, [])


def _candidate_note(state: EngineState, candidate: Candidate) -> None:
    gain = float(candidate.gain) * 100
    text = f"{candidate.rank}. {candidate.symbol} {gain:+.2f} %: {candidate.code}"
    if candidate.detail:
        text += f" ({candidate.detail})"
    state.note("candidate", text, rank=candidate.rank, symbol=candidate.symbol, code=candidate.code)


def _announce(state: EngineState, run: Run, plan: Plan) -> None:
    run.plan = plan
    state.note(
        "plan",
        f"plan: {plan.quantity} {plan.instrument.name} near Rs {rupees(plan.entry)},"
        f" target Rs {rupees(plan.target)},"
        f" stop Rs {rupees(plan.stop)}{' (tightened)' if plan.tightened else ''}; planned loss Rs"
        f" {rupees(plan.loss_at_stop)}, at the stop's limit Rs {rupees(plan.loss_at_stop_limit)},"
        f" whole premium Rs {rupees(plan.loss_of_premium)}; break-even {plan.break_even:.1%} wins",
        name=plan.instrument.name,
        tightened=plan.tightened,
        break_even=round(plan.break_even, 6),
    )
    if plan.tightened:
        limit, trades = state.settings.risk.max_daily_loss, state.settings.risk.max_trades
        state.note(
            "contradiction",
            f"the stop was tightened so that its loss fits in max_daily_loss Rs {limit}: a higher limit,"
            " cheaper lots or fewer trades would leave it wider; one stopped trade uses up the day, so"
            f" max_trades: {trades} acts as 1",
            limit=str(limit),
        )
