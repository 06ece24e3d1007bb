import { describe, expect, test } from "vitest";

import { age, clock, countdown, day, direction, percent, rupees, secondsOfDay } from "./format";

describe("rupees", () => {
  test("are grouped the Indian way", () => {
    expect(rupees("12345678.5")).toBe("₹1,23,45,678.50");
    expect(rupees("999.00")).toBe("₹999.00");
    expect(rupees("1000")).toBe("₹1,000.00");
  });

  test("carry a minus before the sign, and a plus where asked for", () => {
    expect(rupees("-1022.53")).toBe("−₹1,022.53");
    expect(rupees("869.82", { sign: true })).toBe("+₹869.82");
    expect(rupees("0.00", { sign: true })).toBe("₹0.00");
    expect(rupees("-0.00", { sign: true })).toBe("₹0.00");
  });

  test("with four places are rounded as the server rounds: half to even", () => {
    expect(rupees("-1905.8286")).toBe("−₹1,905.83");
    expect(rupees("0.9950")).toBe("₹1.00");
    expect(rupees("0.9850")).toBe("₹0.98");
    expect(rupees("99.9951")).toBe("₹100.00");
    expect(rupees("75.8286", { exact: true })).toBe("₹75.8286");
  });

  test("without paise are cut, never rounded up", () => {
    expect(rupees("-1999.99", { whole: true })).toBe("−₹1,999");
  });

  test("keep every digit of an amount no float could hold", () => {
    expect(rupees("90071992547409931.07")).toBe("₹90,07,19,92,54,74,09,931.07");
  });

  test("that are missing are a dash, and no number is made of other words", () => {
    expect(rupees(null)).toBe("–");
    expect(rupees("unknown")).toBe("unknown");
  });
});

test("direction is told by the digits", () => {
  expect(["-0.01", "0.01", "0.00", "-0.00", null].map(direction)).toEqual(["down", "up", "flat", "flat", "flat"]);
});

test("a share becomes per cent with its sign", () => {
  expect(percent(0.696871)).toBe("69.7 %");
  expect(percent(-0.0051, 2, true)).toBe("−0.51 %");
  expect(percent(0.020238, 2, true)).toBe("+2.02 %");
  expect(percent(-0.00001, 2, true)).toBe("0.00 %");
  expect(percent(null)).toBe("–");
});

test("instants are shown in Indian time whatever the machine's zone", () => {
  expect(clock("2026-12-04T03:45:00.317Z", "ms")).toBe("09:15:00.317");
  expect(clock("2026-12-04T09:15:00.317+05:30")).toBe("09:15:00");
  expect(clock("nonsense")).toBe("–");
  expect(secondsOfDay("2026-12-04T09:15:00.500+05:30")).toBe(33300.5);
});

test("a date stays that date", () => {
  expect(day("2026-12-04", true)).toBe("Fri 4 Dec 2026");
  expect(day("2026-12-04T23:50:00.000+05:30")).toBe("4 Dec 2026");
});

test("ages and countdowns are short", () => {
  expect([0.44, 12.9, 185, 7800].map(age)).toEqual(["0.4 s", "12 s", "3 min 05 s", "2 h 10 min"]);
  expect([751, 3845, -5].map(countdown)).toEqual(["12:31", "1:04:05", "00:00"]);
});
