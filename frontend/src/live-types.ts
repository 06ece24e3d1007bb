/** What the server sends over the WebSocket: the frames, and the engine's state as the page keeps it.
 *
 * The state is `docs/control.md` reshaped: strategies, candidates and plans are objects keyed by the
 * strategy's name. Money and prices are decimal strings of rupees, instants ISO 8601 with +05:30. A field
 * that is null may be missing, and newer engines may add fields: read every one as if it could be absent.
 */

export type Maybe<T> = T | null | undefined;

export interface Position {
  strategy: string;
  contract: string;
  quantity: number;
  average: string;
  bid: Maybe<string>;
  ask: Maybe<string>;
  target: string;
  stop: string;
  /** After charges, if sold at the bid; null without a bid. */
  result: Maybe<string>;
  stop_resting: boolean;
  /** Why it is being sold. */
  leaving: Maybe<string>;
  since: string;
  /** Exchange seconds since the newest quote of this contract. */
  quote_age_s?: Maybe<number>;
  /** How much of the way from the average to the target or to the stop the bid has come, 0 to 1. */
  to_target?: Maybe<number>;
  to_stop?: Maybe<number>;
  /** What is left to the target and to the stop, in rupees of the price. */
  target_away?: Maybe<string>;
  stop_away?: Maybe<string>;
}

export interface Order {
  order_id: Maybe<string>;
  role: string;
  side: string;
  contract: string;
  type: string;
  quantity: number;
  filled: number;
  limit: Maybe<string>;
  trigger: Maybe<string>;
  average: Maybe<string>;
  state: string;
  message: Maybe<string>;
  sent_at?: Maybe<string>;
}

export interface Candidate {
  rank: number;
  symbol: string;
  gain: number;
  pcr: Maybe<number>;
  code: string;
  detail: Maybe<string>;
}

export interface Plan {
  contract: string;
  quantity: number;
  entry: string;
  target: string;
  stop: string;
  stop_order_limit: string;
  stop_without_tightening: string;
  tightened: boolean;
  loss_at_stop: string;
  loss_at_stop_limit: string;
  loss_of_premium: string;
  profit_at_target: string;
  break_even_win_rate: number;
}

export interface Trade {
  contract: string;
  quantity: number;
  entry_at: string;
  entry: string;
  exit_at: Maybe<string>;
  exit: Maybe<string>;
  exit_reason: Maybe<string>;
  gross: string;
  charges: string;
  net: string;
}

/** Instants of one strategy's trade, each null until it has come. */
export interface Times {
  decided?: Maybe<string>;
  first_quote?: Maybe<string>;
  sent?: Maybe<string>;
  filled?: Maybe<string>;
  exit_sent?: Maybe<string>;
  exit_filled?: Maybe<string>;
}

export interface Strategy {
  strategy: string;
  phase: string;
  waiting: Maybe<string>;
  done_reason: Maybe<string>;
  scan_at: string;
  entry_at: string;
  cutoff_at: string;
  exit_at: string;
  current: Maybe<string>;
  picks: string[];
  position: Maybe<Position>;
  trade: Maybe<Trade>;
  times?: Maybe<Times>;
  /** Why this trade or none, a sentence a line, in the engine's words. */
  why?: Maybe<string[]>;
  spot?: Maybe<Spot>;
}

/** The share behind the contract; `change` is a share of the previous close. */
export interface Spot {
  symbol: string;
  price: Maybe<string>;
  pre_open: Maybe<string>;
  previous_close: Maybe<string>;
  change: Maybe<number>;
}

export interface BrokerBooks {
  reconciled: boolean;
  known_at: Maybe<string>;
  age_s: Maybe<number>;
  blind_since: Maybe<string>;
  differs: Maybe<string>;
  /** As the broker showed them last; null: not read. */
  positions?: Maybe<{ contract: string; at_broker: number; ours: number; others: number }[]>;
}

/** One day of the engine. Before a day is open only the heading is there and `date` is null. */
export interface DayState {
  program: Maybe<string>;
  /** Null between days where the engine does not say. */
  mode: Maybe<string>;
  rehearsal: boolean;
  clock: string;
  speed: Maybe<string>;
  date: Maybe<string>;
  halted: Maybe<string>;
  paused: Maybe<string>;
  losing_streak: Maybe<number>;
  synthetic?: Maybe<boolean>;
  seed?: Maybe<number>;
  at?: Maybe<string>;
  open_at?: Maybe<string>;
  close_at?: Maybe<string>;
  ended?: Maybe<boolean>;
  alarms?: Maybe<number>;
  entries_today?: Maybe<number>;
  max_trades?: Maybe<number>;
  net_today?: Maybe<string>;
  day_result?: Maybe<string>;
  loss_left?: Maybe<string>;
  max_daily_loss?: Maybe<string>;
  flat?: Maybe<boolean>;
  broker?: Maybe<BrokerBooks>;
  positions?: Maybe<Position[]>;
  orders?: Maybe<Order[]>;
  strategies?: Maybe<Record<string, Strategy>>;
  candidates?: Maybe<Record<string, Candidate[]>>;
  plans?: Maybe<Record<string, Plan>>;
  watermark?: Maybe<string>;
  /** The last four characters of the broker's account, in live mode. */
  account?: Maybe<string>;
  session?: Maybe<MarketSession>;
  feed?: Maybe<FeedAge>;
  restarts?: Maybe<number>;
  /** While no day is open: how this run left its last one, with lists as the engine sends them. */
  last_day?: Maybe<Record<string, unknown>>;
}

/** `next` is "open", "square_off" or "close"; the next trading day is null where the calendar does not know it. */
export interface MarketSession {
  phase: Maybe<string>;
  next?: Maybe<string>;
  next_at?: Maybe<string>;
  next_day?: Maybe<string>;
  next_open_at?: Maybe<string>;
  next_close_at?: Maybe<string>;
}

/** How old the newest price is, in exchange seconds. */
export interface FeedAge {
  newest_at?: Maybe<string>;
  age_s?: Maybe<number>;
  contract?: Maybe<string>;
  contract_at?: Maybe<string>;
  contract_age_s?: Maybe<number>;
}

export type EngineStanding = "connected" | "silent" | "gone";

export interface Engine {
  state: EngineStanding;
  since: string;
}

export interface EventLine {
  at: string;
  kind: string;
  severity: string;
  text: string;
}

/** A dashboard that is open somewhere now. */
export interface OtherSession {
  name?: string;
  where: string;
  since: string;
  current?: boolean;
}

export interface Answer {
  id: string;
  verb: string;
  state: string;
  text: string;
}

export type Frame =
  | {
      kind: "snapshot";
      number: number;
      at: string;
      engine: Engine;
      state: DayState | null;
      session?: { sessions: OtherSession[] };
    }
  | { kind: "delta"; number: number; patch: Record<string, unknown> }
  | { kind: "engine"; engine: Engine }
  | { kind: "beat"; at: string }
  | { kind: "events"; lines: EventLine[] }
  | ({ kind: "answer" } & Answer)
  | { kind: "sessions"; sessions: OtherSession[] };
