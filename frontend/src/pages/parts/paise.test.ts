import { describe, expect, it } from "vitest";
import { toPaise } from "./paise";

describe("an amount to the paisa", () => {
  it("is rounded half away from zero", () => {
    expect(toPaise("-1905.8286")).toBe("-1905.83");
    expect(toPaise("1905.8249")).toBe("1905.82");
    expect(toPaise("0.005")).toBe("0.01");
    expect(toPaise("-0.995")).toBe("-1.00");
    expect(toPaise("99.999")).toBe("100.00");
  });

  it("stays as it is with two places or fewer, and nothing stays nothing", () => {
    expect(toPaise("-1830.00")).toBe("-1830.00");
    expect(toPaise("12")).toBe("12");
    expect(toPaise(null)).toBeNull();
  });
});
