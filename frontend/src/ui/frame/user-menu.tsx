/** Who is here, who else looks on, how the page looks, and the way out. */

import { useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";

import { clock } from "../../format";
import { type Colours, type Theme, colours, theme } from "../../look";
import { logOut } from "../../start";
import { others, user } from "../../state";
import { Icon } from "../icons";
import { Badge, Button } from "../parts";

export function UserMenu() {
  const open = useSignal(false);
  const held = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const away = (event: Event) => {
      if (!held.current?.contains(event.target as Node)) open.value = false;
    };
    const leave = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || !open.value) return;
      open.value = false;
      button.current?.focus();
    };
    addEventListener("pointerdown", away);
    addEventListener("keydown", leave);
    return () => {
      removeEventListener("pointerdown", away);
      removeEventListener("keydown", leave);
    };
  }, []);
  const count = others.value.length;
  return (
    <div class="user-menu" ref={held}>
      <button
        ref={button}
        type="button"
        class="user-button"
        aria-expanded={open.value}
        aria-label={`${user.value?.name ?? "Nobody"}: ${count > 1 ? `${count} ` : ""}sessions, look, log out`}
        onClick={() => (open.value = !open.value)}
      >
        <Icon name="user" />
        {count > 1 ? <span class="count">{count}</span> : null}
      </button>
      {open.value ? (
        <div class="user-panel">
          <UserPanel />
        </div>
      ) : null}
    </div>
  );
}

export function UserPanel() {
  const who = user.value;
  return (
    <div class="stack">
      <div class="spread">
        <span class="strong">{who?.name ?? "nobody"}</span>
        <Badge>{who?.demo ? "demo" : (who?.role ?? "")}</Badge>
      </div>
      <Sessions />
      <Looks />
      <div class="row">
        <Button onClick={() => void logOut().catch(() => undefined)}>Log out</Button>
        {who?.demo ? null : <Button onClick={() => void logOut(true).catch(() => undefined)}>Log out everywhere</Button>}
      </div>
    </div>
  );
}

function Sessions() {
  const open = others.value;
  if (!open.length) return null;
  return (
    <div>
      <h3>Open now</h3>
      <ul class="sessions">
        {open.map((one, place) => (
          <li key={place}>
            {one.name ? `${one.name}, ` : ""}
            {one.where} <span class="muted">since {clock(one.since, "short")}</span>
            {one.current ? <Badge tone="accent">here</Badge> : null}
          </li>
        ))}
      </ul>
    </div>
  );
}

function Looks() {
  return (
    <div class="looks">
      <label class="field">
        <span>Light or dark</span>
        <select class="input" value={theme.value} onChange={(event) => (theme.value = event.currentTarget.value as Theme)}>
          <option value="auto">as the system</option>
          <option value="dark">dark</option>
          <option value="light">light</option>
        </select>
      </label>
      <label class="field">
        <span>Gain and loss</span>
        <select
          class="input"
          value={colours.value}
          onChange={(event) => (colours.value = event.currentTarget.value as Colours)}
        >
          <option value="usual">green and red</option>
          <option value="safe">blue and orange</option>
        </select>
      </label>
    </div>
  );
}
