import { describe, expect, it } from "vitest";
import { parseRetryAfter } from "../../../runtime/forward/forward.js";

// Thu, 01 Jan 2026 00:00:00 GMT
const now = 1_767_225_600_000;

describe("parseRetryAfter", () => {
  it.each([
    ["120", 120],
    [" 0 ", 0],
    ["Thu, 01 Jan 2026 00:01:30 GMT", 90],
    ["Thursday, 01-Jan-26 00:01:30 GMT", 90],
    ["Wed, 31 Dec 2025 23:00:00 GMT", 0],
  ])("reads %j as %d seconds", (value, seconds) => {
    expect(parseRetryAfter(value, now)).toBe(seconds);
  });

  it.each([undefined, "", "soon", "-5", "1.5", "Thu, 99 Foo 2026"])("makes nothing of %j", (value) => {
    expect(parseRetryAfter(value, now)).toBeUndefined();
  });
});
