import { describe, expect, it } from "vitest";
import { addressOf, textOf } from "./log-data";

describe("the address of a page of a log", () => {
  it("asks for the newest lines", () => {
    expect(addressOf("trades", "", null)).toBe("/api/log/trades?limit=100");
  });

  it("carries filter and cursor", () => {
    expect(addressOf("audit", "a & b", "7:1024")).toBe("/api/log/audit?limit=100&contains=a+%26+b&before=7%3A1024");
  });
});

describe("a copied line", () => {
  it("tells when, what and everything it holds", () => {
    const line = { at: "2026-09-14T09:15:00.317+05:30", kind: "fill", severity: null, text: "bought", synthetic: true, data: { q: 1 } };
    expect(textOf(line)).toBe('2026-09-14T09:15:00.317+05:30 fill bought {"q":1}');
    expect(textOf({ ...line, at: null, severity: "P1" })).toBe('- fill P1 bought {"q":1}');
  });
});
