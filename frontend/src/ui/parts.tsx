/** Small parts: card, badge, bar, button, money, facts, empty state, skeleton. */

import type { ComponentChildren } from "preact";
import { useId, useLayoutEffect, useRef } from "preact/hooks";

import { direction, rupees } from "../format";
import type { Maybe } from "../live-types";

export type Tone = "up" | "down" | "amber" | "danger" | "accent" | "muted" | "plain";

export function classes(...names: (string | false | null | undefined)[]): string {
  return names.filter(Boolean).join(" ");
}

interface CardProps {
  title: string;
  note?: ComponentChildren;
  actions?: ComponentChildren;
  tone?: Tone;
  /** No padding: for a table that fills the card. */
  flush?: boolean;
  class?: string;
  children: ComponentChildren;
}

export function Card({ title, note, actions, tone, flush, class: extra, children }: CardProps) {
  const id = useId();
  return (
    <section class={classes("card", tone && `tone-${tone}`, flush && "flush", extra)} aria-labelledby={id}>
      <div class="card-head">
        <h2 id={id}>{title}</h2>
        {note ? <span class="card-note">{note}</span> : null}
        {actions ? <span class="card-actions">{actions}</span> : null}
      </div>
      <div class="card-body">{children}</div>
    </section>
  );
}

export function Badge({ tone = "plain", children }: { tone?: Tone; children: ComponentChildren }) {
  return <span class={`badge tone-${tone}`}>{children}</span>;
}

interface ButtonProps {
  tone?: "plain" | "accent" | "danger" | "normal";
  type?: "button" | "submit";
  disabled?: boolean;
  title?: string;
  autofocus?: boolean;
  onClick?: () => void;
  children: ComponentChildren;
}

export function Button({ tone = "normal", type = "button", autofocus = false, children, ...rest }: ButtonProps) {
  return (
    <button type={type} class={`button tone-${tone}`} autoFocus={autofocus} {...rest}>
      {children}
    </button>
  );
}

/** A thin bar filled to `share` (0 to 1); the words beside it carry the figure. */
export function Bar({ share, tone = "accent", label }: { share: Maybe<number>; tone?: Tone; label: string }) {
  const held = useRef<HTMLSpanElement>(null);
  const filled = Math.min(1, Math.max(0, share ?? 0));
  // The content security policy refuses style attributes; what a script sets on the element is allowed.
  useLayoutEffect(() => held.current?.style.setProperty("--share", filled.toFixed(4)), [filled]);
  return (
    <span
      ref={held}
      class={`bar tone-${tone}`}
      role="meter"
      aria-label={label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={Math.round(filled * 100)}
    >
      <i />
    </span>
  );
}

const ARROWS = { up: "▲", down: "▼", flat: "" } as const;

/** A result: sign, arrow and colour, so that none of them stands alone. */
export function Money({ value, whole = false }: { value: Maybe<string>; whole?: boolean }) {
  const way = direction(value);
  return (
    <span class={classes("money nowrap", way !== "flat" && way)}>
      {ARROWS[way] ? (
        <small class="arrow" aria-hidden="true">
          {ARROWS[way]}
        </small>
      ) : null}
      {rupees(value, { sign: true, whole })}
    </span>
  );
}

export interface Fact {
  name: ComponentChildren;
  value: ComponentChildren;
}

export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl class="facts">
      {facts.map((fact, place) => [
        <dt key={`n${place}`}>{fact.name}</dt>,
        <dd key={`v${place}`}>{fact.value}</dd>,
      ])}
    </dl>
  );
}

/** A friendly word where there is nothing yet: what will appear here, and when. */
export function Empty({ title, children }: { title: string; children?: ComponentChildren }) {
  return (
    <div class="empty">
      <strong>{title}</strong>
      {children ? <p>{children}</p> : null}
    </div>
  );
}

/** Grey lines of about the size of what is loading, so that nothing jumps. */
export function Skeleton({ lines = 4 }: { lines?: number }) {
  return (
    <div class="skeleton" role="status">
      <span class="hidden-text">Loading…</span>
      {Array.from({ length: lines }, (_, place) => (
        <i key={place} />
      ))}
    </div>
  );
}
