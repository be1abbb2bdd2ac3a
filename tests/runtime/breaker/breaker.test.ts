import { describe, expect, it } from "vitest";
import {
  type Breaker,
  createBreaker,
  type Experience,
  type Passage,
} from "../../../runtime/breaker/breaker.js";
import type { BreakerState } from "../../../runtime/breaker/state.js";
import type { BreakerStore } from "../../../runtime/breaker/store.js";
import { createLog } from "../../../runtime/telemetry/log.js";
import { createMemoryBreakers } from "../../support/memory-breakers.js";

const definition = { failures: 3, longestSeconds: 60, holdingSeconds: 86_400 };
const success: Experience = { kind: "success" };
const nothing: Experience = { kind: "nothing" };
const failed: Experience = { kind: "failure", failure: {} };

/** Functions that share a table and a clock. */
function start(storeOf: (store: BreakerStore) => BreakerStore = (store) => store) {
  let now = 1_767_225_600_000;
  const clock = () => now;
  const states = new Map<string, BreakerState>();
  const calls: string[] = [];
  const memory = createMemoryBreakers(clock, states);
  const store = storeOf({
    read: async (name) => {
      calls.push("read");
      return memory.read(name);
    },
    replace: async (name, seen, state) => {
      calls.push("write");
      return memory.replace(name, seen, state);
    },
  });
  const lines: string[] = [];
  const log = createLog({ level: "INFO", writeLine: (line) => lines.push(line), clock });
  return {
    states,
    calls,
    lines,
    pass: (seconds: number) => {
      now += seconds * 1000;
    },
    /** Seconds until a held webhook comes back. */
    waitOf: (passage: Passage) => (passage.state === "closed" ? (passage.until - now) / 1000 : undefined),
    createFunction: () => createBreaker({ store, timeoutSeconds: 30, clock, random: () => 0, log }),
  };
}

/** Lets a webhook through, if it may go through, and says how it went. */
async function visit(breaker: Breaker, experience: Experience, name = "crm"): Promise<Passage["state"]> {
  const passage = await breaker.enter(name);
  if (passage.state !== "closed") await breaker.leave({ name, definition, passage, experience });
  return passage.state;
}

async function probeOf(breaker: Breaker, name = "crm") {
  const passage = await breaker.enter(name);
  if (passage.state !== "probe") throw new Error(`it is ${passage.state}`);
  return passage;
}

describe("a breaker", () => {
  it("reads and writes nothing while nothing fails", async () => {
    const { createFunction, calls } = start();
    const breaker = createFunction();

    for (let count = 0; count < 5; count++) expect(await visit(breaker, success)).toBe("free");
    expect(calls).toEqual([]);
  });

  it("leaves a target alone after so many failures in a row, of whichever functions", async () => {
    const { createFunction, lines, waitOf } = start();
    const [one, other] = [createFunction(), createFunction()];

    await visit(one, failed);
    await visit(other, failed);
    expect(await visit(one, failed)).toBe("free");

    expect(waitOf(await one.enter("crm"))).toBe(10);
    expect(lines.map((line) => JSON.parse(line))).toMatchObject([
      { message: "target left alone: it fails for everybody", target: "crm", failures: 3, for_seconds: 10 },
    ]);
  });

  it("tells a function that knows nothing of it with the function's first failure", async () => {
    const { createFunction } = start();
    const [one, other] = [createFunction(), createFunction()];
    for (let count = 0; count < 3; count++) await visit(one, failed);

    expect(await visit(other, failed)).toBe("free");
    expect(await visit(other, failed)).toBe("closed");
  });

  it("leaves other targets be", async () => {
    const { createFunction } = start();
    const breaker = createFunction();
    for (let count = 0; count < 3; count++) await visit(breaker, failed);

    expect(await visit(breaker, success, "github")).toBe("free");
  });

  it("begins to count anew with each success, which costs one write", async () => {
    const { createFunction, calls, states } = start();
    const breaker = createFunction();
    await visit(breaker, failed);
    await visit(breaker, failed);
    calls.length = 0;

    await visit(breaker, success);
    await visit(breaker, success);
    expect(calls).toEqual(["write"]);
    await visit(breaker, failed);
    expect(await visit(breaker, failed)).toBe("free");
    expect(states.get("crm")?.failures).toBe(2);
  });

  it("takes for nothing what a filter or a schema stopped", async () => {
    const { createFunction, states } = start();
    const breaker = createFunction();
    await visit(breaker, failed);
    await visit(breaker, nothing);

    expect(states.get("crm")?.failures).toBe(1);
  });

  it("forgets failures after an hour without another", async () => {
    const { createFunction, pass, states } = start();
    const breaker = createFunction();
    await visit(breaker, failed);
    await visit(breaker, failed);
    pass(3_601);
    await visit(breaker, failed);

    expect(states.get("crm")?.failures).toBe(1);
  });

  it("lets one webhook through when the time is up, and keeps all others until it has ended", async () => {
    const { createFunction, pass, waitOf } = start();
    const [one, other] = [createFunction(), createFunction()];
    for (let count = 0; count < 3; count++) await visit(one, failed);
    await visit(other, failed);
    pass(10);

    const passages = await Promise.all([one, one, other, one, other].map((each) => each.enter("crm")));
    expect(passages.map(({ state }) => state).sort()).toEqual([
      "closed",
      "closed",
      "closed",
      "closed",
      "probe",
    ]);
    for (const passage of passages) {
      if (passage.state === "closed") expect(waitOf(passage)).toBe(5);
    }
  });

  it("lets all through as soon as the one got through", async () => {
    const { createFunction, pass } = start();
    const [one, other] = [createFunction(), createFunction()];
    for (let count = 0; count < 3; count++) await visit(one, failed);
    await visit(other, failed);
    pass(10);

    expect(await visit(one, success)).toBe("probe");
    expect(await visit(one, success)).toBe("free");
    expect(await visit(other, success)).toBe("free");
  });

  it("waits twice as long each time that the one fails, up to the longest time", async () => {
    const { createFunction, pass, waitOf } = start();
    const breaker = createFunction();
    for (let count = 0; count < 3; count++) await visit(breaker, failed);

    for (const seconds of [10, 20, 40, 60, 60]) {
      expect(waitOf(await breaker.enter("crm"))).toBe(seconds);
      pass(seconds);
      expect(await visit(breaker, failed)).toBe("probe");
    }
  });

  it("begins with the shortest time again after a success", async () => {
    const { createFunction, pass, waitOf } = start();
    const breaker = createFunction();
    for (let count = 0; count < 3; count++) await visit(breaker, failed);
    pass(10);
    await visit(breaker, failed);
    pass(20);
    await visit(breaker, success);
    for (let count = 0; count < 3; count++) await visit(breaker, failed);

    expect(waitOf(await breaker.enter("crm"))).toBe(10);
  });

  it.each([
    [30, 30],
    [3_600, 60],
    [2, 10],
  ])("leaves it alone at once if it asks everybody to wait %d s: for %d s", async (asked, seconds) => {
    const { createFunction, waitOf } = start();
    const breaker = createFunction();
    await visit(breaker, { kind: "failure", failure: { retryAfterSeconds: asked, forAll: true } });

    expect(waitOf(await breaker.enter("crm"))).toBe(seconds);
  });

  it("does not if only one webhook is asked to wait", async () => {
    const { createFunction } = start();
    const breaker = createFunction();
    await visit(breaker, { kind: "failure", failure: { retryAfterSeconds: 30 } });

    expect(await visit(breaker, success)).toBe("free");
  });

  it("hands the probe on at once if the webhook did not reach its target", async () => {
    const { createFunction, pass } = start();
    const breaker = createFunction();
    for (let count = 0; count < 3; count++) await visit(breaker, failed);
    pass(10);

    expect(await visit(breaker, nothing)).toBe("probe");
    expect(await visit(breaker, success)).toBe("probe");
    expect(await visit(breaker, success)).toBe("free");
  });

  it("gives the probe to another function if the first one dies, after the time that it had", async () => {
    const { createFunction, pass } = start();
    const [one, other] = [createFunction(), createFunction()];
    for (let count = 0; count < 3; count++) await visit(one, failed);
    await visit(other, failed);
    pass(10);
    const lost = await probeOf(one);
    pass(34);
    expect((await other.enter("crm")).state).toBe("closed");
    pass(5);
    const probe = await probeOf(other);

    // What the first one has to say comes too late.
    await one.leave({ name: "crm", definition, passage: lost, experience: success });
    expect((await one.enter("crm")).state).toBe("closed");
    await other.leave({ name: "crm", definition, passage: probe, experience: success });
    expect((await other.enter("crm")).state).toBe("free");
  });

  it("does not take a late success of a call from before for a sign that the target is back", async () => {
    const { createFunction } = start();
    const breaker = createFunction();
    const passage = { state: "free" } as const;
    for (let count = 0; count < 3; count++) await visit(breaker, failed);
    await breaker.leave({ name: "crm", definition, passage, experience: success });

    expect((await breaker.enter("crm")).state).toBe("closed");
  });

  it("lets webhooks wait while the table does not answer, and loses none", async () => {
    let answers = true;
    const { createFunction, pass, waitOf } = start(({ read, replace }) => ({
      read,
      replace: async (...args) => {
        if (!answers) throw new Error("no answer");
        return replace(...args);
      },
    }));
    const breaker = createFunction();
    for (let count = 0; count < 3; count++) await visit(breaker, failed);
    pass(10);
    answers = false;
    expect(waitOf(await breaker.enter("crm"))).toBe(5);
    pass(5);
    answers = true;
    expect(await visit(breaker, success)).toBe("probe");
  });
});
