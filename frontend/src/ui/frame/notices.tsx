/** The notices over the page: what stops the bot, and how old what is shown may be. */

import { useComputed } from "@preact/signals";

import { liftDialog, openStop } from "../../kill/open";
import { hrefOf } from "../../routes";
import { noticesOf, type Notice } from "../../standing";
import { day, engine, events, link, may, now } from "../../state";
import { Banner } from "../banner";
import { Button } from "../parts";

export function Notices() {
  const shown = useComputed(() =>
    noticesOf({ link: link.value, engine: engine.value, state: day.value, now: now.value, events: events.value }),
  );
  return (
    <div class="notices" aria-live="polite">
      {shown.value.map((notice) => (
        <Banner key={notice.key} tone={notice.tone} title={notice.title} actions={<Act notice={notice} />}>
          {notice.text}
        </Banner>
      ))}
    </div>
  );
}

function Act({ notice: { act, orders } }: { notice: Notice }) {
  if (act === "emergency") return <Button onClick={() => openStop()}>What to do</Button>;
  return (
    <>
      {orders ? <a href={orders === day.value?.date ? hrefOf("positions") : hrefOf("history", orders)}>The day's orders</a> : null}
      {act && may("operator") ? (
        <Button onClick={() => (liftDialog.value = act)}>{act === "unlock" ? "Unlock…" : "Resume…"}</Button>
      ) : null}
    </>
  );
}
