/** What the server says it sends has to fit what the page reads: where it does not, `tsc` fails here.
 *
 * `api-types.ts` is generated from the server. `live-types.ts` is what the page relies on: the same names,
 * with every field that an older or newer engine may leave out allowed to be absent. Types only: no byte of
 * this is in the page.
 */

import type { components } from "./api-types";
import type * as live from "./live-types";

type Sent = components["schemas"];
type SentFrame =
  | Sent["LiveSnapshot"]
  | Sent["LiveDelta"]
  | Sent["LiveEngine"]
  | Sent["LiveBeat"]
  | Sent["LiveEvents"]
  | Sent["LiveAnswer"]
  | Sent["LiveSessions"];
type Fits<Given, Read> = [Given] extends [Read] ? true : never;

export const fits: [Fits<Sent["State"], live.DayState>, Fits<SentFrame, live.Frame>] = [true, true];
