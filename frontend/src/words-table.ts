/** Plain words for the engine's codes, written by dev/words.mjs from the table of the terminal's screen. */
export const WORDS: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  code: {
    ok: "passes every test",
    not_a_gainer: "gain too small",
    gap_beyond_band: "a jump this large is a corporate action",
    banned: "on today's ban list",
    event: "results or an ex-date are near",
    no_contract: "no call of this expiry is listed",
    pcr_thin: "too few option contracts are open",
    pcr_out_of_range: "put/call ratio outside the range",
    illiquid: "the option trades too little",
    too_cheap: "premium too small for the charges",
    unaffordable: "one lot costs too much",
    risk_too_large: "no sensible stop fits in the daily loss limit",
    product_refused: "the broker does not take this product"
  },
  verdict: {
    pick: "the pick",
    prepared: "prepared behind the pick",
    passes: "passes, not needed",
    given_up: "given up: no acceptable quote",
    bought: "bought",
    not_bought: "no entry came about"
  },
  waiting: {
    stale_quote: "the quote is old",
    one_sided: "there is no bid or no ask",
    spread: "the spread is too wide",
    moved_away: "the stock has moved away from its pre-open price",
    no_stock_price: "the stock has no price yet",
    overpriced: "the option asks too much above its model price",
    no_quote: "no quote yet",
    no_contract: "no contract",
    no_range: "the opening range is not complete",
    inside_range: "the stock is still inside its opening range",
    risk_too_large: "no sensible stop fits in the daily loss limit"
  },
  phase: {
    auction: "pre-open auction: prices are not final",
    matched: "pre-open prices are final",
    scanning: "ranking the pre-open gains",
    armed: "ready: waiting for the opening",
    watching: "waiting for an acceptable quote",
    entering: "entry order sent",
    holding: "in the position",
    exiting: "leaving the position",
    done: "done for today",
    closed: "the market is closed"
  },
  step: {
    auction: "auction final",
    scan: "scan",
    entry: "entry",
    cutoff: "cutoff",
    square_off: "square-off",
    close: "close"
  },
  exit: {
    target: "the target was reached",
    stop: "the stop was reached",
    time: "square-off time",
    risk: "the daily loss limit was reached",
    halt: "emergency stop",
    manual: "closed by hand"
  },
  no_trade: {
    no_candidate: "no stock passes every test today",
    not_ready: "the data for the selection did not come in time",
    still_held: "bought, and still held when the day ended",
    not_filled: "no acceptable price, or no fill, by the cutoff",
    risk_too_large: "no sensible stop fits in the daily loss limit",
    special_session: "special session: not traded",
    late_start: "started after the entry window",
    order_refused: "the entry order was refused",
    halted: "stopped before an entry",
    paused: "paused: no new entries",
    flattened: "told to be flat before an entry",
    no_strategy: "no strategy is switched on",
    max_trades: "all entries of the day are used",
    losing_streak: "too many losing trades in a row: no entry until somebody resumes (a new demo run starts afresh)",
    max_daily_loss: "the daily loss limit is used up",
    no_pre_open: "no pre-open prices for this day",
    no_option_prices: "no option prices for this day",
    no_chain_for_expiry: "no option chain of the traded expiry",
    no_previous_oi: "no open interest of the day before",
    no_opening_snapshot: "no prices in the opening window",
    no_exit_observation: "no price after the entry: the result is not known"
  },
  state: {
    prepared: "prepared",
    sending: "being sent",
    acked: "accepted",
    open: "open",
    trigger_pending: "resting stop",
    pending: "pending",
    modifying: "being changed",
    cancelling: "being cancelled",
    unknown: "NOT KNOWN: being looked up",
    parked: "NOT KNOWN: given up",
    complete: "filled",
    cancelled: "cancelled",
    rejected: "REJECTED",
    expired: "expired"
  },
  role: {
    entry: "entry",
    protect: "guard",
    repair: "repair"
  },
  status: {
    traded: "TRADED",
    no_trade: "NO TRADE",
    no_data: "NO DATA"
  }
};
