/** The frame around every page, and what may lie over it: login, stop dialog. */

import { useEffect } from "preact/hooks";

import { openStop } from "./kill/open";
import { KillDialogs } from "./kill/dialogs";
import { FirstRun } from "./pages/first-run";
import { Login, LoginDialog } from "./pages/login";
import { PageOf } from "./page-of";
import { modeOf, titleOf } from "./standing";
import { day, firstRun, fresh, link, sessionEnded, user } from "./state";
import { drawFavicon } from "./ui/frame/favicon";
import { Foot } from "./ui/frame/foot";
import { Notices } from "./ui/frame/notices";
import { Rail } from "./ui/frame/rail";
import { TopBar } from "./ui/frame/top-bar";
import { classes } from "./ui/parts";

export function App() {
  useTitle();
  useShortcut();
  if (!user.value && link.value.phase === "out") return firstRun.value ? <FirstRun /> : <Login />;
  const mode = modeOf(day.value);
  return (
    <>
      <a class="skip" href="#main" onClick={skip}>
        Skip to the page
      </a>
      <div
        class={classes(
          "frame",
          `mode-${mode.tone}`,
          !fresh.value && day.value !== null && "dimmed",
          day.value?.halted && "halted",
        )}
      >
        <TopBar />
        <Rail />
        <div class="content">
          <Notices />
          <main id="main" tabIndex={-1}>
            <PageOf />
          </main>
          {mode.watermark ? <div class={watermarkOf(mode.watermark)} aria-hidden="true" /> : null}
        </div>
        <Foot />
      </div>
      <KillDialogs />
      {sessionEnded.value ? <LoginDialog /> : null}
    </>
  );
}

/** Over everything, on every page of an invented or rehearsed day. A day that is both is marked as invented. */
function watermarkOf(words: string): string {
  return `watermark watermark-${words.includes("SYNTHETIC") ? "synthetic" : "rehearsal"}`;
}

function skip(event: Event): void {
  event.preventDefault();
  document.getElementById("main")?.focus();
}

function useTitle(): void {
  const title = titleOf(day.value, fresh.value);
  const tone = modeOf(day.value).tone;
  const halted = Boolean(day.value?.halted);
  useEffect(() => {
    document.title = title;
  }, [title]);
  useEffect(() => drawFavicon(tone, halted), [tone, halted]);
}

/** Shift+K opens the stop dialog from everywhere but a field that is being typed into. */
function useShortcut(): void {
  useEffect(() => {
    const press = (event: KeyboardEvent) => {
      if (!event.shiftKey || event.key.toLowerCase() !== "k" || event.ctrlKey || event.metaKey || event.altKey) return;
      const typing = event.target instanceof HTMLElement && event.target.matches("input, textarea, select");
      if (typing || !user.value) return;
      event.preventDefault();
      openStop();
    };
    addEventListener("keydown", press);
    return () => removeEventListener("keydown", press);
  }, []);
}
