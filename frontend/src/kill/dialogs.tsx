/** The dialogs that stop the bot, and those that let it go on. */

import { liftDialog, stopDialog } from "./open";
import { LiftDialog } from "./lift-dialog";
import { StopDialog } from "./stop-dialog";

export function KillDialogs() {
  const choice = stopDialog.value;
  const lift = liftDialog.value;
  return (
    <>
      {choice ? <StopDialog choice={choice} /> : null}
      {lift ? <LiftDialog key={lift} verb={lift} /> : null}
    </>
  );
}
