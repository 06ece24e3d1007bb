/** The broker's words, and below them what they mean and what to do where our table knows them. */

import type { JSX } from "preact";

import type { Maybe } from "../../live-types";
import type { ErrorHelp } from "../../shapes";
import { Marked } from "./marked";
import { translated } from "./translate";

export function Means({ errors, message }: { errors: readonly ErrorHelp[]; message: Maybe<string> }): JSX.Element | null {
  if (!message) return null;
  const help = translated(errors, message);
  return (
    <span class="means">
      <q>{message}</q>
      {help === null ? null : (
        <small>
          <Marked text={help.means} />{" "}
          <strong>
            <Marked text={help.do} />
          </strong>
        </small>
      )}
    </span>
  );
}
