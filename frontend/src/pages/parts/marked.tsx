/** The server's words, with what it puts between backticks shown as a command. */

import type { JSX } from "preact";

export function Marked({ text }: { text: string }): JSX.Element {
  const parts = text.split("`");
  return <span>{parts.map((part, place) => (place % 2 === 1 ? <code key={place}>{part}</code> : part))}</span>;
}
