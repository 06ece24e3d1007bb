/** The notices over the page: what stops the bot, and how old what is shown may be. */

import { useComputed } from "@preact/signals";

import { liftDialog, openStop } from "../../kill/open";
import { noticesOf, type Notice } from "../../standing";
import { day, engine, link, may, now } from "../../state";
import { Banner } from "../banner";
import { Button } from "../parts";

export function Notices() {
  const shown = useComputed(() =>
    noticesOf({ link: link.value, engine: engine.value, state: day.value, now: now.value }),
  );
  return (
    <div class="notices" aria-live="polite">
      {shown.value.map((notice) => (
        <Banner key={notice.key} tone={notice.tone} title={notice.title} actions={<Act act={notice.act} />}>
          {notice.text}
        </Banner>
      ))}
    </div>
  );
}

function Act({ act }: { act: Notice["act"] }) {
  if (act === "emergency") return <Button onClick={() => openStop()}>What to do</Button>;
  if (!act || !may("operator")) return null;
  const text = act === "unlock" ? "Unlock…" : "Resume…";
  return <Button onClick={() => (liftDialog.value = act)}>{text}</Button>;
}
