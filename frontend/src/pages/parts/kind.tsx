/** Whether a day was at the market, invented, or a rehearsal: never left to be guessed. */

import type { JSX } from "preact";

import type { DayLine } from "../../shapes";
import { Badge } from "../../ui";

export function KindBadge({ kind, seed }: { kind: DayLine["kind"]; seed: number | null }): JSX.Element {
  if (kind === "real") return <Badge tone="plain">market day</Badge>;
  if (kind === "rehearsal") return <Badge tone="amber">REHEARSAL</Badge>;
  return <Badge tone="accent">SYNTHETIC{seed === null ? "" : `, seed ${seed}`}</Badge>;
}
