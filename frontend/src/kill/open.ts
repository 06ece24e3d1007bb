/** Whether the stop dialog is open, and with which choice in front. */

import { signal } from "@preact/signals";

export type Choice = "pause" | "flatten" | "halt";

export const stopDialog = signal<Choice | null>(null);
/** The dialog that lifts a halt or a pause. */
export const liftDialog = signal<"unlock" | "resume" | null>(null);

export function openStop(choice: Choice = "halt"): void {
  liftDialog.value = null;
  stopDialog.value = choice;
}
