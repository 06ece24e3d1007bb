/** One setting: what it means, what it is and why, and a field where it may be changed. */

import type { JSX } from "preact";
import { useId } from "preact/hooks";

import { day as dayText } from "../../format";
import type { SettingRow } from "../../shapes";
import { Badge } from "../../ui";
import { fieldText, plainText, rangeText, shownText } from "./draft";

interface LineProps {
  readonly row: SettingRow;
  /** When most changes count: only told where this one counts otherwise. */
  readonly usual: string;
  readonly editable: boolean;
  readonly draft: string | undefined;
  readonly onDraft: (text: string) => void;
}

export function SettingLine({ row, usual, editable, draft, onDraft }: LineProps): JSX.Element {
  const id = useId();
  const touched = draft !== undefined && draft.trim() !== fieldText(row.value);
  return (
    <li class={touched ? "setting touched" : "setting"}>
      <div class="setting-what">
        <label for={id} class="setting-key">
          {row.key}
        </label>
        <p>{row.meaning}</p>
        <p class="small muted">{factsOf(row, usual)}</p>
        <Marks row={row} touched={touched} />
      </div>
      <div class="setting-value">
        {editable ? (
          <Input id={id} row={row} text={draft ?? fieldText(row.value)} onDraft={onDraft} />
        ) : (
          <output id={id} class="setting-fixed">
            {shownText(row.value)}
          </output>
        )}
        {row.unit !== "" ? <span class="small muted">{row.unit}</span> : null}
      </div>
    </li>
  );
}

function factsOf(row: SettingRow, usual: string): string {
  const parts = [
    `Source: ${row.source}`,
    row.is_default ? "" : `default ${shownText(row.default)}`,
    rangeText(row),
    row.applies === usual ? "" : `counts ${plainText(row.applies)}`,
    row.editable ? "" : (row.why_not ?? ""),
  ];
  return parts.filter(Boolean).join(" · ");
}

function Marks({ row, touched }: { row: SettingRow; touched: boolean }): JSX.Element | null {
  const marks: JSX.Element[] = [];
  if (touched) marks.push(<Badge tone="accent">changed here, not saved</Badge>);
  if (row.changed === true) marks.push(<Badge tone="amber">the running engine uses {shownText(row.running)}</Badge>);
  if (row.pending !== null)
    marks.push(
      <Badge tone="amber">
        {shownText(row.pending.value)} from {dayText(row.pending.effective)}, by {row.pending.who}
      </Badge>,
    );
  if (row.dangerous !== "no" && row.danger !== null)
    marks.push(
      <span class="small muted">
        <Badge tone="muted">{DANGERS[row.dangerous]}: second factor, next day</Badge> {row.danger}
      </span>,
    );
  return marks.length === 0 ? null : <p class="setting-marks">{marks}</p>;
}

const DANGERS = { always: "any change", raise: "raising it", lower: "lowering it" } as const;

interface InputProps {
  readonly id: string;
  readonly row: SettingRow;
  readonly text: string;
  readonly onDraft: (text: string) => void;
}

function Input({ id, row, text, onDraft }: InputProps): JSX.Element {
  if (row.kind === "truth")
    return (
      <select id={id} class="input" value={text} onChange={(event) => onDraft(event.currentTarget.value)}>
        <option value="true">yes</option>
        <option value="false">no</option>
      </select>
    );
  if (row.kind === "choice")
    return (
      <select id={id} class="input" value={text} onChange={(event) => onDraft(event.currentTarget.value)}>
        {row.optional ? <option value="">not set</option> : null}
        {row.choices.map((choice) => (
          <option key={choice} value={choice}>
            {choice}
          </option>
        ))}
      </select>
    );
  const digits = row.kind === "number" ? "decimal" : row.kind === "whole" ? "numeric" : "text";
  return (
    <input
      id={id}
      class="input"
      value={text}
      inputMode={digits}
      autocomplete="off"
      placeholder={row.kind === "time" ? "09:15:00" : row.kind === "list" ? "one, two" : ""}
      onInput={(event) => onDraft(event.currentTarget.value)}
    />
  );
}
