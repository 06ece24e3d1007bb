/** The bar over every page: mode, result, what may still be lost, how old it all is, the clock, and the stop. */

import { useComputed } from "@preact/signals";

import { age, clock, countdown, percent, rupees } from "../../format";
import { openStop } from "../../kill/open";
import type { DayState, Maybe } from "../../live-types";
import { exchangeNow, modeOf, paceOf, priceIsOld, secondsTo, sessionOf, speedOf, type SessionPhase } from "../../standing";
import { day, engine, fresh, leading, link, loaded, now, stateAt } from "../../state";
import { Bar, Money, classes, type Tone } from "../parts";
import { UserMenu } from "./user-menu";

export function TopBar() {
  return (
    <header class="top-bar">
      <ModeBlock />
      <Result />
      <LossBar />
      <Spot />
      <Heard />
      <DayClock />
      <UserMenu />
      <StopButtons />
    </header>
  );
}

function ModeBlock() {
  const mode = modeOf(day.value);
  const word = loaded.value ? mode.word : "…";
  const mark = mode.watermark && !mode.word.includes(mode.watermark) ? mode.watermark : "";
  const under = [mark, paceOf(day.value)].filter(Boolean).join(" · ");
  return (
    <div class="mode-block">
      <span class="hidden-text">Mode: </span>
      <b>{word}</b>
      {under ? <small>{under}</small> : null}
    </div>
  );
}

function Result() {
  const state = day.value;
  return (
    <div class="bar-item result" aria-live="off">
      <small>Result today</small>
      <b>{state?.day_result == null ? <span class="muted">–</span> : <Money value={state.day_result} />}</b>
    </div>
  );
}

/** How much of the day's loss limit is used. The share is geometry only; the figures are the server's. */
function LossBar() {
  const state = day.value;
  if (state?.max_daily_loss == null) return <div class="bar-item loss" />;
  const share = Math.max(0, -Number(state.day_result ?? 0)) / Number(state.max_daily_loss || 1);
  const tone: Tone = share >= 1 ? "danger" : share >= 0.7 ? "amber" : "accent";
  const limit = rupees(state.max_daily_loss, { whole: true });
  return (
    <div class="bar-item loss">
      <small>
        Limit {limit} <span class="muted">· trades {state.entries_today ?? 0}/{state.max_trades ?? "–"}</span>
      </small>
      <Bar share={share} tone={tone} label={`Loss today against the limit of ${limit}`} />
    </div>
  );
}

/** The share behind what is held or tried. */
function Spot() {
  const spot = leading.value?.spot;
  if (!spot || spot.price == null || !day.value?.date) return null;
  const change = spot.change ?? 0;
  return (
    <div class="bar-item spot">
      <small>{spot.symbol}</small>
      <span class="figure">
        {rupees(spot.price)} <span class={change < 0 ? "down" : "up"}>{percent(spot.change, 2, true)}</span>
      </span>
    </div>
  );
}

/** Two ages at a glance: when the engine was last heard, and how old its newest price is. */
function Heard() {
  const heard = useComputed(() => {
    const live = fresh.value;
    const since = Math.max(0, now.value - stateAt.value) / 1000;
    return { live, text: live ? priceAge(day.value, since) : loaded.value ? `${age(since)} old` : "" };
  });
  const { live, text } = heard.value;
  const tone = live ? (priceIsOld(day.value) === null ? "up" : "amber") : "down";
  return (
    <div class="bar-item heard" role="group" aria-label="How old the figures are">
      <small>
        <i class={classes("dot", `tone-${tone}`)} aria-hidden="true" />
        {standing()}
      </small>
      <span class="muted">{text}</span>
    </div>
  );
}

/** The newest price's age on the exchange's clock; outside the session prices are none of anybody's business. */
function priceAge(state: Maybe<DayState>, since: number): string {
  const old = state?.feed?.age_s;
  const phase = sessionOf(state, state?.clock ?? null).phase;
  if (old == null || phase === "closed" || phase === "holiday" || phase === "none") return "";
  return `prices ${age(old + (speedOf(state) === 1 ? since : 0))}`;
}

function standing(): string {
  const phase = link.value.phase;
  if (phase === "connecting") return "connecting";
  if (phase === "stale" || phase === "reconnecting") return "reconnecting";
  if (phase === "out") return "logged out";
  const state = engine.value?.state;
  if (state === "silent") return "engine silent";
  if (state === "gone") return "no engine";
  return priceIsOld(day.value) === null ? "live" : "prices old";
}

const PHASES: Record<SessionPhase, string> = {
  none: "",
  pre_open: "opens in",
  open: "square-off in",
  square_off: "closes in",
  closed: "closed",
  holiday: "holiday",
};

function DayClock() {
  const shown = useComputed(() => {
    const at = exchangeNow(day.value, now.value - stateAt.value, fresh.value);
    const session = sessionOf(day.value, at);
    const left = secondsTo(at, session.next);
    return { at: clock(at), phase: session.phase, left: left === null ? "" : countdown(left) };
  });
  const { at, phase, left } = shown.value;
  const counts = phase === "pre_open" || phase === "open" || phase === "square_off";
  return (
    <div class="bar-item clock" role="timer" aria-label="Exchange clock">
      <small>
        {PHASES[phase]} {counts ? left : ""}
      </small>
      <b>
        {at} <abbr title="Indian Standard Time">IST</abbr>
      </b>
    </div>
  );
}

function StopButtons() {
  return (
    <div class="stops">
      <button type="button" class="button stop-small" onClick={() => openStop("pause")}>
        Pause
      </button>
      <button type="button" class="button stop-small" onClick={() => openStop("flatten")}>
        Flatten
      </button>
      <button
        type="button"
        class="stop-big"
        aria-keyshortcuts="Shift+K"
        title="Opens the stop dialog (Shift+K)"
        onClick={() => openStop("halt")}
      >
        HALT
      </button>
    </div>
  );
}
