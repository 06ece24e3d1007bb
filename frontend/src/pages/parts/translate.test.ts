import { describe, expect, it } from "vitest";
import type { ErrorHelp } from "../../shapes";
import { found, translated } from "./translate";

function help(code: string, ...match: string[]): ErrorHelp {
  return { code, broker: "zerodha", match, means: "", do: "" };
}

const ERRORS = [help("ip", "not allowed"), help("ip_order", "IP is not allowed to place"), help("margin", "Insufficient funds")];

describe("the error translator", () => {
  it("finds words whatever their case", () => {
    expect(translated(ERRORS, "RMS: insufficient FUNDS, need 1200")?.code).toBe("margin");
  });

  it("prefers the entry that says most about the message", () => {
    expect(translated(ERRORS, "Your IP is not allowed to place orders")?.code).toBe("ip_order");
  });

  it("says nothing where it knows nothing", () => {
    expect(translated(ERRORS, "some new words")).toBeNull();
    expect(translated(ERRORS, null)).toBeNull();
  });
});

describe("looking for words", () => {
  it("wants all of them, in any order", () => {
    expect(found(["open interest", "open high low", "interest rate"], "interest open", (one) => one)).toEqual(["open interest"]);
  });

  it("shows everything while nothing is looked for", () => {
    expect(found(["a", "b"], " ", (one) => one)).toHaveLength(2);
  });
});
