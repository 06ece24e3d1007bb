/** Emergency: the doors, what HALT does and does not, and what to do in which situation. */

import { useEffect } from "preact/hooks";

import { type Card as EmergencyCard, card } from "../kill/card";
import { Doors } from "../kill/doors";
import { liftDialog, openStop } from "../kill/open";
import { useQuery } from "../query";
import { day, may } from "../state";
import { Button, Card, Loaded, Prose } from "../ui";

export default function Emergency() {
  const query = useQuery<EmergencyCard>("/api/emergency");
  useEffect(() => {
    if (query.data) card.value = query.data;
  }, [query.data]);
  const halted = day.value?.halted ?? query.data?.halted;
  return (
    <div class="stack emergency">
      <div class="spread">
        <h1>Emergency</h1>
        <div class="row">
          {halted && may("operator") ? <Button onClick={() => (liftDialog.value = "unlock")}>Lift the halt…</Button> : null}
          <Button tone="danger" onClick={() => openStop()}>
            Stop the bot…
          </Button>
        </div>
      </div>
      {halted ? <p class="warn">Halted by {halted}.</p> : null}
      <Card title="Every way to stop the bot" note="try them in this order">
        <Doors />
      </Card>
      <Loaded query={query} lines={8}>
        {(found) => <Rest found={found} />}
      </Loaded>
    </div>
  );
}

function Rest({ found }: { found: EmergencyCard }) {
  return (
    <>
      <div class="grid-2">
        <Card title="What HALT does">
          <Lines lines={found.halt_does} />
        </Card>
        <Card title="What HALT does not do">
          <Lines lines={found.halt_does_not} />
        </Card>
      </div>
      <Card title="What to do when…" note="print this page and keep it by the telephone">
        <div class="situations">
          {found.situations.map((one) => (
            <section key={one.when}>
              <h3>{one.when}</h3>
              <Lines lines={one.do} numbered />
            </section>
          ))}
        </div>
      </Card>
      <p class="muted small">
        Home folder: <code>{found.home}</code> · HALT file: <code>{found.halt_file}</code>
      </p>
    </>
  );
}

function Lines({ lines, numbered = false }: { lines: string[]; numbered?: boolean }) {
  const List = numbered ? "ol" : "ul";
  return (
    <List class="lines">
      {lines.map((line) => (
        <li key={line}>
          <Prose text={line} />
        </li>
      ))}
    </List>
  );
}
