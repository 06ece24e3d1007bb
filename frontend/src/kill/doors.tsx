/** The other doors: shown over the whole width when there was no answer, and on the Emergency page. */

import { Prose } from "../ui";
import { card, doorsNow } from "./card";

export function Doors() {
  const known = card.value;
  return (
    <ol class="doors">
      {doorsNow(known).map((door) => (
        <li key={door.name}>
          <strong>{door.name}</strong>
          <div>
            {door.command ? <code>{door.command}</code> : null}
            <span>
              <Prose text={door.how} />
            </span>
            <small>
              <Prose text={door.does} />
            </small>
          </div>
        </li>
      ))}
      {known?.numbers.length ? (
        <li>
          <strong>Numbers</strong>
          <div>
            <span class="numbers">
              {known.numbers.map((number) => (
                <a key={number} href={`tel:${number.replace(/[^+\d]/g, "")}`}>
                  {number}
                </a>
              ))}
            </span>
            <small>{known.numbers_text}</small>
          </div>
        </li>
      ) : null}
    </ol>
  );
}
