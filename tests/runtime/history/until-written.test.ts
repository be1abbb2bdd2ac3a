import { ThrottlingException } from "@aws-sdk/client-dynamodb";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ClaimLostError } from "../../../runtime/history/history.js";
import { untilWritten } from "../../../runtime/history/until-written.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

const never = { lastCall: new Promise<void>(() => {}) };
const reset = () => Object.assign(new Error("socket hang up"), { code: "ECONNRESET" });
const throttled = () => new ThrottlingException({ message: "slow down", $metadata: {} });

/** Fails so many times, then goes well. */
function failing(times: number, error: () => Error) {
  let tries = 0;
  const write = async () => {
    tries += 1;
    if (tries <= times) throw error();
  };
  return { write, tries: () => tries };
}

describe("untilWritten", () => {
  it.each([
    ["the network's", reset],
    ["a throttle", throttled],
    ["the server's", () => Object.assign(new Error("oh"), { $fault: "server" })],
  ])("tries again after an error that passes: %s", async (_, error) => {
    const { write, tries } = failing(4, error);
    const written = untilWritten(write, never);
    await vi.advanceTimersByTimeAsync(2_000);

    await expect(written).resolves.toBeUndefined();
    expect(tries()).toBe(5);
  });

  it.each([
    ["a lost claim", () => new ClaimLostError("taken over")],
    [
      "the caller's own",
      () => Object.assign(new Error("no"), { name: "ValidationException", $fault: "client" }),
    ],
  ])("does not after one that stays: %s", async (_, error) => {
    const { write, tries } = failing(1, error);

    await expect(untilWritten(write, never)).rejects.toThrow(error().message);
    expect(tries()).toBe(1);
  });

  it("gives up when the function has to answer, and tries no more when it is thawed", async () => {
    const { promise: lastCall, resolve } = Promise.withResolvers<void>();
    const { write, tries } = failing(1_000, throttled);
    const written = untilWritten(write, { lastCall });
    written.catch(() => {});
    await vi.advanceTimersByTimeAsync(1_200);
    resolve();

    await expect(written).rejects.toThrow("slow down");
    const triesBefore = tries();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(tries()).toBe(triesBefore);
  });
});
