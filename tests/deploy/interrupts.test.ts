import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Interrupts, listenForInterrupts } from "../../deploy/engine/interrupts.js";

describe("an interrupt", () => {
  const told: string[] = [];
  let passedOn = 0;
  let interrupts: Interrupts | undefined;

  const listen = (hasTerminal: boolean) => {
    interrupts = listenForInterrupts((wish) => told.push(wish), hasTerminal);
    interrupts.signal.addEventListener("abort", () => passedOn++);
  };
  const later = () => vi.advanceTimersByTime(1_000);

  beforeEach(() => {
    vi.useFakeTimers({ toFake: ["performance"] });
    told.length = 0;
    passedOn = 0;
  });
  afterEach(() => {
    interrupts?.stop();
    vi.useRealTimers();
  });

  it("is passed on to the engine, and so is the second", () => {
    listen(false);
    process.emit("SIGINT", "SIGINT");
    later();
    process.emit("SIGINT", "SIGINT");

    expect(told).toEqual(["first", "again"]);
    expect(passedOn).toBe(2);
  });

  it("is one, though npm passes on what the process has got already", () => {
    listen(false);
    process.emit("SIGINT", "SIGINT");
    process.emit("SIGINT", "SIGINT");

    expect(told).toEqual(["first"]);
    expect(passedOn).toBe(1);
  });

  it("of a terminal is not passed on, because the engine gets it by itself", () => {
    listen(true);
    process.emit("SIGINT", "SIGINT");

    expect(interrupts?.wanted).toBe(true);
    expect(passedOn).toBe(0);
  });

  it("by SIGTERM counts as the first, at a terminal as well", () => {
    listen(true);
    process.emit("SIGTERM", "SIGTERM");

    expect(told).toEqual(["first"]);
    expect(passedOn).toBe(1);
  });

  it("is nobody's business any more once the run has ended", () => {
    const before = process.listenerCount("SIGINT");
    listen(false);
    interrupts?.stop();

    expect(process.listenerCount("SIGINT")).toBe(before);
  });
});
