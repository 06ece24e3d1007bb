/** Chart: candles of the stock or the option of a day, what the bot did on them, and its exit levels. */

import type { JSX } from "preact";
import { useMemo, useState } from "preact/hooks";

import { grouped, MINUTES, nearest, type Minutes } from "../charts/candles";
import { Chart as Drawn } from "../charts/chart";
import { useChart, type Asked } from "../charts/data";
import { arrows, steps } from "../charts/marks";
import { clock, day as dayText, rupees } from "../format";
import { useQuery } from "../query";
import { hrefOf, type PageProps } from "../routes";
import type { Chart, Days, Marker } from "../shapes";
import { day } from "../state";
import { Badge, Button, Card, Empty, Failure, Skeleton, Table, type Column } from "../ui";
import { Choice } from "./parts/choice";
import { sentence } from "./parts/draft";
import { PageHead } from "./parts/head";
import "../css/pages.css";

export default function ChartPage({ parts }: PageProps): JSX.Element {
  const [named, run] = parts;
  const running = day.value?.date ?? null;
  const newest = useQuery<Days>(named === undefined && running === null ? "/api/days?limit=1" : null);
  const date = named ?? running ?? newest.data?.days[0]?.date ?? null;
  if (date !== null) return <DayChart key={`${date} ${run ?? ""}`} date={date} run={run ?? null} />;
  return (
    <div class="stack">
      <PageHead title="Chart" />
      <Card title="Candles">
        {newest.error && <Failure error={newest.error} again={newest.again} />}
        {!newest.error && newest.data === null ? <Skeleton lines={8} /> : null}
        {newest.data !== null ? (
          <Empty title="No day has been run in this home yet">
            The chart of the picked stock and its option appears with the first day. Trading begins at 09:15 IST.
          </Empty>
        ) : null}
      </Card>
    </div>
  );
}

function DayChart({ date, run }: { date: string; run: string | null }): JSX.Element {
  const [name, setName] = useState<string | null>(null);
  const [minutes, setMinutes] = useState<Minutes>(1);
  const asked: Asked = { date, run, name };
  const { chart, error } = useChart(asked);
  return (
    <div class="stack">
      <PageHead title="Chart">
        <a href={run === null ? hrefOf("history", date) : hrefOf("history", date, run)}>The whole day, {dayText(date, true)}</a>
      </PageHead>
      {error ? (
        <Card title="Candles">
          <Failure error={error} />
        </Card>
      ) : null}
      {chart === null && error === null ? (
        <Card title="Candles">
          <Skeleton lines={12} />
        </Card>
      ) : null}
      {chart !== null ? <Shown chart={chart} choose={setName} minutes={minutes} setMinutes={setMinutes} /> : null}
    </div>
  );
}

function Shown({ chart, choose, minutes, setMinutes }: ControlsProps): JSX.Element {
  const [jump, setJump] = useState<{ time: number; number: number } | null>(null);
  const picture = useMemo(() => pictureOf(chart, minutes), [chart, minutes]);
  const to = (mark: Marker): void => {
    const time = nearest(picture.bars, mark.time);
    if (time !== null) setJump({ time, number: (jump?.number ?? 0) + 1 });
  };
  return (
    <>
      <Card title={chart.name ?? "Candles"} note={asOf(chart)} class="chart-frame">
        <Controls chart={chart} choose={choose} minutes={minutes} setMinutes={setMinutes} />
        {chart.reason !== null ? <Empty title="Nothing to draw">{sentence(chart.reason)}</Empty> : null}
        {chart.reason === null ? (
          <Drawn
            identity={`${chart.date} ${chart.run} ${chart.name ?? ""} ${minutes}`}
            label={`Candles of ${chart.name ?? "the day"}, ${dayText(chart.date)}`}
            picture={picture}
            marks={chart.markers}
            jump={jump}
            card={markCard}
          />
        ) : null}
        {chart.basis_text !== null ? <p class="small muted">{sentence(chart.basis_text)}</p> : null}
      </Card>
      <Marks chart={chart} to={to} />
      {chart.reason === null ? <Prices chart={chart} /> : null}
    </>
  );
}

interface ControlsProps {
  readonly chart: Chart;
  readonly choose: (name: string) => void;
  readonly minutes: Minutes;
  readonly setMinutes: (minutes: Minutes) => void;
}

function Controls({ chart, choose, minutes, setMinutes }: ControlsProps): JSX.Element | null {
  if (chart.names.length === 0) return null;
  return (
    <div class="chart-controls">
      <Choice
        label="What is drawn"
        value={chart.name ?? ""}
        options={chart.names.map((one) => ({ value: one.name, text: nameText(one) }))}
        onChoose={choose}
      />
      <Choice
        label="Length of a candle"
        value={String(minutes)}
        options={MINUTES.map((one) => ({ value: String(one), text: `${one} min` }))}
        onChoose={(text) => setMinutes(Number(text) as Minutes)}
      />
    </div>
  );
}

function pictureOf(chart: Chart, minutes: Minutes): Parameters<typeof Drawn>[0]["picture"] {
  const bars = grouped(chart.candles, minutes);
  return {
    bars,
    running: !chart.finished,
    arrows: arrows(bars, chart.markers),
    levels: chart.levels.map((level) => ({ name: level.name, lines: steps(bars, level) })),
  };
}

function nameText(one: Chart["names"][number]): string {
  return one.role === "stock" ? `${one.name} (stock)` : `${one.name}${one.held ? " (bought)" : ""}`;
}

function asOf(chart: Chart): string {
  if (chart.catching_up) return `the journal is being read, at ${clock(chart.as_of)} IST`;
  return chart.finished ? dayText(chart.date, true) : `until ${clock(chart.as_of)} IST, growing`;
}

function markCard(mark: Marker): JSX.Element {
  return (
    <>
      <strong>
        {mark.kind === "entry" ? "Bought" : "Sold"} {mark.quantity} at {rupees(mark.price)}
      </strong>
      <br />
      <span class="muted">{clock(mark.at, "ms")} IST</span>
      <br />
      {mark.text}
    </>
  );
}

function Marks({ chart, to }: { chart: Chart; to: (mark: Marker) => void }): JSX.Element {
  const columns: Column<Marker>[] = [
    { key: "what", head: "What", names: true, cell: (mark) => <Kind mark={mark} /> },
    { key: "at", head: "Time (IST)", cell: (mark) => <span class="nowrap">{clock(mark.at, "ms")}</span> },
    { key: "price", head: "Price", right: true, cell: (mark) => rupees(mark.price) },
    { key: "quantity", head: "Quantity", right: true, cell: (mark) => mark.quantity },
    { key: "contract", head: "Contract", cell: (mark) => mark.contract },
    { key: "text", head: "Why", cell: (mark) => mark.text },
    { key: "go", head: "Chart", cell: (mark) => <Button onClick={() => to(mark)}>Show</Button> },
  ];
  return (
    <Card title="Entries and exits" flush>
      <Table
        caption="Entries and exits of this day"
        columns={columns}
        rows={chart.markers}
        rowKey={(mark) => `${mark.kind}${mark.at}`}
        empty={<Empty title="No trade on this chart">Arrows appear where the bot buys and sells.</Empty>}
      />
    </Card>
  );
}

function Kind({ mark }: { mark: Marker }): JSX.Element {
  return <Badge tone={mark.kind === "entry" ? "accent" : "amber"}>{mark.kind === "entry" ? "▲ entry" : "▼ exit"}</Badge>;
}

/** How many of the newest minutes are also told as figures, for whoever does not see the canvas. */
const TOLD = 60;

function Prices({ chart }: { chart: Chart }): JSX.Element {
  const [open, setOpen] = useState(false);
  const columns: Column<Chart["candles"][number]>[] = [
    { key: "at", head: "Minute", names: true, cell: (one) => clock(new Date(one.time * 1000).toISOString(), "short") },
    { key: "open", head: "Open", right: true, cell: (one) => one.open },
    { key: "high", head: "High", right: true, cell: (one) => one.high },
    { key: "low", head: "Low", right: true, cell: (one) => one.low },
    { key: "close", head: "Close", right: true, cell: (one) => one.close },
  ];
  return (
    <details class="card fold" onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The newest {Math.min(TOLD, chart.candles.length)} minutes as figures</summary>
      {open ? (
        <Table
          caption={`Prices of ${chart.name ?? "the day"}, a minute a line`}
          columns={columns}
          rows={chart.candles.slice(-TOLD).reverse()}
          rowKey={(one) => one.time}
          narrow
        />
      ) : null}
    </details>
  );
}
