import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { shareOf, watchDeadline } from "../../../runtime/batch/deadline.js";

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

function watch(timeoutSeconds: number) {
  const end = Date.now() + timeoutSeconds * 1000;
  return watchDeadline(() => end - Date.now(), timeoutSeconds);
}

describe("watchDeadline", () => {
  it.each([
    // timeout, last start, stop of handlers, last call; all in milliseconds before the end
    [2, 1_000, 500, 250],
    [3, 1_000, 500, 250],
    [30, 6_000, 1_500, 750],
    [900, 10_000, 2_000, 1_000],
  ])(
    "of %d s lets nothing start in the last %d ms, stops handlers at %d and answers at %d",
    async (timeoutSeconds, start, stop, last) => {
      const deadline = watch(timeoutSeconds);
      const total = timeoutSeconds * 1000;
      let called = false;
      void deadline.lastCall.then(() => {
        called = true;
      });

      await vi.advanceTimersByTimeAsync(total - start - 1);
      expect(deadline.mayStart()).toBe(true);
      await vi.advanceTimersByTimeAsync(1);
      expect(deadline.mayStart()).toBe(false);
      expect(deadline.remainingMilliseconds()).toBe(start - stop);

      await vi.advanceTimersByTimeAsync(start - stop - 1);
      expect(deadline.signal.aborted).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(deadline.signal.aborted).toBe(true);
      expect(deadline.remainingMilliseconds()).toBe(0);

      await vi.advanceTimersByTimeAsync(stop - last - 1);
      expect(called).toBe(false);
      await vi.advanceTimersByTimeAsync(1);
      expect(called).toBe(true);
    },
  );

  it("leaves no timer behind", () => {
    watch(30).stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe("shareOf", () => {
  const reason = new Error("your part is over");

  it("ends after the first of equal parts, and says why", async () => {
    const share = shareOf(watch(30), 3, reason);
    expect(share.remainingMilliseconds()).toBe(9_500);

    await vi.advanceTimersByTimeAsync(9_499);
    expect(share.signal.aborted).toBe(false);
    await vi.advanceTimersByTimeAsync(1);
    expect([share.signal.reason, share.remainingMilliseconds()]).toEqual([reason, 0]);
  });

  it("is all of the time if there is one part", async () => {
    const deadline = watch(30);
    const share = shareOf(deadline, 1, reason);
    expect(share.signal).toBe(deadline.signal);
    expect(share.remainingMilliseconds()).toBe(28_500);
  });

  it("leaves no timer behind", () => {
    const deadline = watch(30);
    shareOf(deadline, 3, reason).stop();
    deadline.stop();
    expect(vi.getTimerCount()).toBe(0);
  });
});
