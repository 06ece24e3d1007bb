/** One of a few: a row of buttons, or a list to choose from where there are many. */

import type { JSX } from "preact";

interface ChoiceProps {
  readonly label: string;
  readonly value: string;
  readonly options: readonly { readonly value: string; readonly text: string }[];
  readonly onChoose: (value: string) => void;
}

/** More than this are a list: buttons would wrap over several lines on a phone. */
const BUTTONS = 4;

export function Choice(props: ChoiceProps): JSX.Element | null {
  if (props.options.length === 0) return null;
  return props.options.length > BUTTONS ? <List {...props} /> : <Row {...props} />;
}

function Row({ label, value, options, onChoose }: ChoiceProps): JSX.Element {
  return (
    <div class="segments" role="group" aria-label={label}>
      {options.map((option) => (
        <button
          key={option.value}
          type="button"
          aria-pressed={option.value === value}
          onClick={() => onChoose(option.value)}
        >
          {option.text}
        </button>
      ))}
    </div>
  );
}

function List({ label, value, options, onChoose }: ChoiceProps): JSX.Element {
  return (
    <select class="input segments-list" aria-label={label} value={value} onChange={(event) => onChoose(event.currentTarget.value)}>
      {options.map((option) => (
        <option key={option.value} value={option.value}>
          {option.text}
        </option>
      ))}
    </select>
  );
}
