/** Times on the axis of a chart: the data stay in UTC, only the labels are Indian. */

const CLOCK = new Intl.DateTimeFormat("en-GB", {
  timeZone: "Asia/Kolkata",
  hour: "2-digit",
  minute: "2-digit",
  hourCycle: "h23",
});
const DAY = new Intl.DateTimeFormat("en-GB", { timeZone: "Asia/Kolkata", day: "numeric", month: "short" });

/** Kinds of tick mark of the chart library: year, month, day of month, time, time with seconds. */
const FIRST_CLOCK_MARK = 3;

/** "09:15" */
export function clockLabel(time: number): string {
  return CLOCK.format(time * 1000);
}

/** "09:15 IST, 14 Sept", under the crosshair. */
export function crosshairLabel(time: number): string {
  return `${clockLabel(time)} IST, ${DAY.format(time * 1000)}`;
}

/** What stands at a tick of the axis: the day where days change, else the clock. */
export function tickLabel(time: number, kind: number): string {
  return kind < FIRST_CLOCK_MARK ? DAY.format(time * 1000) : clockLabel(time);
}
