/** Pause, flatten, HALT. Made by the page alone: it opens with the server gone, and shows what was last known. */

import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";

import { age, clock } from "../format";
import type { DayState, Position } from "../live-types";
import { day, engine, fresh, link, loaded, may, now, positions, stateAt } from "../state";
import { Button, Dialog, Facts, Field, Money } from "../ui";
import { words } from "../words";
import type { Attempt, Verb } from "./attempt";
import { keepCard } from "./card";
import { attempts, command, forgetFinished } from "./commands";
import { HoldButton } from "./hold-button";
import { type Choice, stopDialog } from "./open";
import { livingOrders, Progress } from "./progress";

export function StopDialog({ choice }: { choice: Choice }) {
  useEffect(() => {
    void keepCard();
    return forgetFinished;
  }, []);
  const shown = ORDER.map((verb) => attempts.value[verb]).filter((one): one is Attempt => Boolean(one));
  const allowed = may("operator");
  return (
    <Dialog title="Stop the bot" class="stop-dialog" onClose={() => (stopDialog.value = null)}>
      {shown.map((attempt) => (
        <Progress key={attempt.verb} attempt={attempt} />
      ))}
      <LastKnown />
      {allowed ? null : <p class="field-error">Your role may look on only. An operator can press these; the Emergency page has other ways.</p>}
      <div class="choices">
        <HaltChoice first={choice === "halt"} allowed={allowed} />
        <FlattenChoice first={choice === "flatten"} allowed={allowed} />
        <PauseChoice first={choice === "pause"} allowed={allowed} />
      </div>
    </Dialog>
  );
}

const ORDER: readonly Verb[] = ["halt", "flatten", "pause"];

/** What a stop would close, from the last state that was seen, with its age. */
function LastKnown() {
  const state = day.value;
  if (!state) return <p class="muted">{loaded.value ? "No engine has been seen: what it holds is not known." : "Nothing has been received yet."}</p>;
  const living = livingOrders(state.orders ?? []);
  const old = age((now.value - stateAt.value) / 1000);
  return (
    <div class="last-known">
      <Facts
        facts={[
          ...positions.value.map((one) => ({ name: heldWords(one), value: <AtTheBid position={one} /> })),
          ...(positions.value.length ? [] : [{ name: "Held by the bot", value: heldNothing(state) }]),
          { name: "Orders in the market", value: !state.date ? UNKNOWN : living.length ? living.map((one) => `${one.side} ${one.quantity} (${words("role", one.role)})`).join(", ") : "none" },
        ]}
      />
      <p class={fresh.value ? "muted small" : "small warn"}>
        {fresh.value ? `As the engine said ${old} ago (${clock(state.clock)}).` : `LAST KNOWN, ${old} old (${clock(state.clock)}). ${absence()}`}
      </p>
    </div>
  );
}

const UNKNOWN = "not known: no day is open";

/** "Nothing" is said of an open day only: between days nobody has looked. */
function heldNothing(state: DayState): string {
  if (!state.date) return UNKNOWN;
  return state.flat === false ? "an order in the market" : state.flat ? "nothing" : "nothing in its own book";
}

function heldWords(one: Position): string {
  return `Held: ${one.quantity} ${one.contract}`;
}

function AtTheBid({ position }: { position: Position }) {
  if (position.result == null) return <>no bid now</>;
  return (
    <>
      <Money value={position.result} /> <span class="muted small">if sold at the bid</span>
    </>
  );
}

function absence(): string {
  if (link.value.phase !== "live") return "The dashboard's server does not answer.";
  return engine.value?.state === "silent" ? "The engine is silent." : "No engine is connected.";
}

interface ChoiceProps {
  first: boolean;
  allowed: boolean;
}

function HaltChoice({ first, allowed }: ChoiceProps) {
  const word = useSignal("");
  const press = () => {
    word.value = "";
    void command("halt", { reason: "pressed on the dashboard" });
  };
  const submit = (event: Event) => {
    event.preventDefault();
    if (word.value.trim() === "HALT") press();
  };
  return (
    <section class="choice danger" aria-label="HALT">
      <h3>HALT</h3>
      <p>Sells what the bot holds, cancels its orders, and stays latched: nothing enters until somebody unlocks it.</p>
      <HoldButton text="HALT" holding="HALT" disabled={!allowed} autofocus={first} onHeld={press} />
      <form onSubmit={submit} class="typed">
        <Field label="or type HALT and press Enter" value={word.value} onInput={(text) => (word.value = text)} autocomplete="off" disabled={!allowed} />
      </form>
    </section>
  );
}

function FlattenChoice({ first, allowed }: ChoiceProps) {
  const able = allowed && fresh.value;
  return (
    <section class="choice" aria-label="Flatten">
      <h3>Flatten</h3>
      <p>Sells what the bot holds, cancels its orders, enters nothing more today. Tomorrow goes on as usual.</p>
      <HoldButton text="Flatten" holding="Flatten" quiet disabled={!able} autofocus={first && able} onHeld={() => void command("flatten", { reason: "pressed on the dashboard" })} />
      {fresh.value ? null : <small class="muted">Needs an engine that answers.</small>}
    </section>
  );
}

function PauseChoice({ first, allowed }: ChoiceProps) {
  const able = allowed && fresh.value && !day.value?.paused;
  return (
    <section class="choice" aria-label="Pause entries">
      <h3>Pause entries</h3>
      <p>No new entry. What is held stays guarded and is sold as planned. Resume lifts it.</p>
      <Button disabled={!able} autofocus={first && able} onClick={() => void command("pause", { reason: "pressed on the dashboard" })}>
        {day.value?.paused ? "Entries are paused" : "Pause entries"}
      </Button>
      {fresh.value ? null : <small class="muted">Needs an engine that answers.</small>}
    </section>
  );
}
