import { beforeEach, describe, expect, it } from "vitest";
import { attentionKeys, type HistoryAttributes } from "../../runtime/history/item.js";
import { simulate } from "../support/proof/live.js";
import { createMemoryStore } from "../support/proof/memory-store.js";
import { type Behaviour, type Scenario, startOfRuns } from "../support/proof/scenario.js";
import { wild } from "../support/proof/weather.js";
import { World } from "../support/proof/world.js";

simulate();

/** The table, which outlives every function. */
let items: Map<string, HistoryAttributes>;
beforeEach(() => {
  items = new Map();
});

const webhookId = "github/run-0";
const lease = 35_000;
const visibilityTimeout = 180_000;

function startWorld(behaviour: Behaviour, { copies = 1, ...changes }: Changes = {}): World {
  const scenario = {
    fifo: false,
    maxReceiveCount: 5,
    batchSize: 1,
    clockSkews: [0, 0],
    bareRefusals: false,
    webhooks: [{ behaviour, copies, group: "a" }],
    choices: [],
    ...changes,
  };
  const world = new World({
    scenario,
    weather: wild,
    run: "run",
    createStore: (...args) => createMemoryStore(items, ...args),
  });
  while (world.traffic.hasUnsent) world.traffic.sendNext(() => 0);
  return world;
}

type Changes = Partial<Scenario> & { readonly copies?: number };

/** What became of the webhook, after everything else went well. */
async function endOf(world: World) {
  await world.end();
  const { ledger } = world;
  return {
    started: ledger.attemptsOf(webhookId),
    completed: ledger.completionsOf(webhookId),
    status: ledger.statusOf(webhookId),
    deliveries: world.deliveriesOf(0),
  };
}

describe("promises 3 and 4: a function that dies", () => {
  it.each([
    ["before the claim is asked for", "claim request", { started: 1, completed: 1 }],
    ["after the claim is written, before its answer", "claim answer", { started: 1, completed: 1 }],
    ["during the handler", "handler", { started: 2, completed: 1 }],
    ["after the handler, before its end is written", "finish request", { started: 2, completed: 2 }],
    ["after the end is written, before its answer", "finish answer", { started: 1, completed: 1 }],
  ] as const)("%s leaves the webhook to its next delivery", async (_, step, expected) => {
    const world = startWorld("processed");
    world.receive();
    await world.reach(step);
    world.die();

    expect(await endOf(world)).toEqual({ ...expected, status: "processed", deliveries: [2] });
    expect(world.time.now - startOfRuns).toBe(visibilityTimeout);
  });

  it("in the call that delays a failed webhook leaves it to the queue's visibility timeout", async () => {
    const world = startWorld("flaky");
    world.receive();
    await world.reach("delay request");
    world.die();
    await world.comeToRest();

    expect(world.time.now - startOfRuns).toBeGreaterThan(visibilityTimeout);
    expect(await endOf(world)).toEqual({ started: 3, completed: 1, status: "processed", deliveries: [3] });
  });

  it("before a rejected webhook is written rejects it at its next delivery", async () => {
    const world = startWorld("forged");
    world.receive();
    await world.reach("reject request");
    world.die();
    await world.end();

    expect([...items.values()].map(({ status }) => status?.S)).toEqual(["rejected"]);
    expect(world.deliveriesOf(0)).toEqual([2]);
  });
});

describe("promise 6: a webhook that crashes its function every time", () => {
  it("ends in the dead-letter queue, and is listed as processing until somebody redrives it", async () => {
    const world = startWorld("processed", { maxReceiveCount: 2 });
    for (let delivery = 1; delivery <= 2; delivery++) {
      await world.reach("handler", world.receive());
      world.die();
      await world.pass(visibilityTimeout);
    }
    expect(world.receive()).toBeUndefined();

    expect(world.traffic.hasDeadLetters).toBe(true);
    const { status, attention } = items.get(webhookId) ?? {};
    expect(status?.S).toBe("processing");
    expect(attentionKeys("processing")).toContain(attention?.S);
    expect(await endOf(world)).toMatchObject({ started: 3, completed: 1, status: "processed" });
    expect(items.get(webhookId)).not.toHaveProperty("attention");
  });
});

describe("promise 3: after the end is written", () => {
  it("a delete that fails brings a duplicate, and nothing else", async () => {
    const world = startWorld("processed");
    world.receive();
    world.fail(await world.reach("delete request"));

    expect(await endOf(world)).toEqual({ started: 1, completed: 1, status: "processed", deliveries: [2] });
  });

  it.each(["claim", "finish"] as const)("the SDK's repetition of a lost %s is known again", async (write) => {
    const world = startWorld("processed");
    world.receive();
    world.go(await world.reach(`${write} answer`), "again");

    expect(await endOf(world)).toEqual({ started: 1, completed: 1, status: "processed", deliveries: [1] });
  });
});

describe("promise 3: a lease", () => {
  it("keeps another delivery waiting while it lasts, however slow the first worker is", async () => {
    const world = startWorld("processed", { copies: 2 });
    world.receive();
    await world.reach("handler");
    await world.pass(20_000);
    await world.reach("delay request", world.receive());

    expect(world.ledger.attemptsOf(webhookId)).toBe(1);
    expect(await endOf(world)).toMatchObject({ started: 1, completed: 1, deliveries: [1, 2] });
  });

  it("outlives the function, so that what is taken over is nobody's any more", async () => {
    const world = startWorld("hanging", { copies: 2 });
    world.receive();
    await world.steps.atRest();
    while (world.ledger.attemptsOf(webhookId) === 0) {
      for (const step of [...world.steps.pending]) world.go(step);
      await world.steps.atRest();
    }
    world.die();
    await world.pass(lease - 1);
    await world.reach("delay request", world.receive());
    expect(world.ledger.attemptsOf(webhookId)).toBe(1);

    expect(await endOf(world)).toMatchObject({ status: "processed" });
  });

  it("that ended while the function was frozen is not worked under, and not asked for again", async () => {
    const world = startWorld("processed");
    world.receive();
    const claim = await world.reach("claim request");
    // DynamoDB does not answer, the function hands its batch back and is frozen; the next invocation lets it go on.
    await world.pass(29_500);
    world.go(claim);
    await world.steps.atRest();

    expect(world.ledger.attemptsOf(webhookId)).toBe(0);
    expect(await endOf(world)).toMatchObject({ started: 1, completed: 1, status: "processed" });
  });

  it("that was lost is noticed by the first worker, who then leaves the second one's work alone", async () => {
    const world = startWorld("processed");
    world.receive();
    const late = await world.reach("finish request");
    // The write hangs until the function has to answer, and its environment is frozen over it.
    await world.pass(lease);
    await world.pass(visibilityTimeout);
    const second = world.receive();
    await world.reach("handler", second);
    world.go(late);
    await world.steps.atRest();
    expect(world.ledger.statusOf(webhookId)).toBe("processing");

    expect(await endOf(world)).toMatchObject({ started: 2, completed: 2, status: "processed" });
  });

  it("holds while the functions' clocks differ by less than its margin of five seconds", async () => {
    const world = startWorld("processed", {
      clockSkews: [-2_400, 2_400],
      copies: 2,
    });
    world.receive();
    await world.reach("handler");
    await world.pass(28_000);
    await world.reach("delay request", world.receive());

    expect(world.ledger.attemptsOf(webhookId)).toBe(1);
  });
});

describe("promise 3: a message that is new", () => {
  it("after a redrive is known by its event id", async () => {
    const world = startWorld("processed", { maxReceiveCount: 1 });
    world.receive();
    world.fail(await world.reach("delete request"));
    await world.comeToRest();
    expect(world.traffic.hasDeadLetters).toBe(true);

    expect(await endOf(world)).toEqual({ started: 1, completed: 1, status: "processed", deliveries: [1, 1] });
  });

  it("from a replay opens what is done once, also after a crash in the middle of it", async () => {
    const world = startWorld("processed");
    await world.comeToRest();
    const [original] = world.traffic.sent;
    if (original === undefined) throw new Error("nothing was sent");
    world.traffic.replay(original.delivery, () => 0.9);
    world.receive();
    await world.reach("handler");
    world.die();

    expect(await endOf(world)).toMatchObject({ started: 3, completed: 2, status: "processed" });
    expect(world.ledger.openingsOf(webhookId)).toBe(2);
  });
});

describe("promise 3: an emulator that returns no item with a refusal", () => {
  it("may show one that has changed since, which costs a delivery and nothing else", async () => {
    const world = startWorld("processed", {
      bareRefusals: true,
      copies: 2,
    });
    const first = world.receive();
    await world.reach("handler", first);
    await world.reach("read request", world.receive());
    // The first one's end is written between the second one's refusal and its look at the item.
    world.go(await world.reach("finish answer", first));
    await world.steps.atRest();

    expect(await endOf(world)).toEqual({ started: 1, completed: 1, status: "processed", deliveries: [1, 1] });
  });
});

describe("promise 3 holds for as long as the history remembers", () => {
  it("and a repetition after that is a new webhook, whether DynamoDB has deleted the item or not", async () => {
    for (const deletes of [false, true]) {
      items.clear();
      const world = startWorld("processed");
      await world.comeToRest();
      await world.pass(60 * 86_400_000);
      if (deletes) items.clear();
      // The sender's own repetition, by the same id.
      for (const { delivery } of [...world.traffic.sent]) world.traffic.redeliver(delivery);
      await world.comeToRest();

      expect(world.ledger.completionsOf(webhookId)).toBe(2);
    }
  });
});
