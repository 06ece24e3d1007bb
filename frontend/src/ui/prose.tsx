/** Words of the server in which a command stands between backticks: the command is set as code. */

export function Prose({ text }: { text: string }) {
  const pieces = text.split("`");
  return <>{pieces.map((piece, place) => (place % 2 ? <code key={place}>{piece}</code> : piece))}</>;
}
