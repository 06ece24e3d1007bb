import { describe, expect, it } from "vitest";
import { clockLabel, crosshairLabel, tickLabel } from "./axis";

const OPEN = Date.parse("2026-09-14T09:15:00+05:30") / 1000;

describe("labels of the time axis", () => {
  it("tell Indian time whatever the zone of the browser", () => {
    expect(clockLabel(OPEN)).toBe("09:15");
    expect(crosshairLabel(OPEN)).toMatch(/^09:15 IST, 14 Sept?$/);
  });

  it("tell the day where days change and the clock elsewhere", () => {
    expect(tickLabel(OPEN, 2)).toMatch(/^14 Sept?$/);
    expect(tickLabel(OPEN, 3)).toBe("09:15");
  });
});
