import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { queueSchema } from "../../settings/groups.js";
import { live, simulate } from "../support/proof/live.js";
import { takenAlong } from "../support/proof/promises.js";
import {
  type Behaviour,
  fatalBehaviours,
  type Scenario,
  type WebhookPlan,
} from "../support/proof/scenario.js";
import { windless } from "../support/proof/weather.js";
import type { Sabotage } from "../support/proof/worker.js";
import { assertProperty, explores } from "../support/properties.js";

simulate();

const fine: readonly Behaviour[] = ["processed", "ignored", "invalid"];

/** Many webhooks that wait together, some of which end the function; the settings' defaults, and as many functions as poll. */
function backlogs({
  fifo,
  groups,
  deadly,
  maxReceiveCount = queueSchema.parse({}).maxReceiveCount,
}: {
  readonly fifo: boolean;
  readonly groups: readonly string[];
  readonly deadly: number;
  readonly maxReceiveCount?: number;
}) {
  const plan = (...only: readonly Behaviour[]) =>
    fc.record<WebhookPlan>({
      behaviour: fc.constantFrom(...only),
      copies: fc.constant(1),
      group: fc.constantFrom(...groups),
    });
  return fc
    .tuple(
      fc.array(plan(...fine), { minLength: 22, maxLength: 22 }),
      fc.array(plan(...fatalBehaviours), { minLength: 1, maxLength: deadly }),
      fc.infiniteStream(fc.nat()),
      fc.array(fc.nat(0xffff_ffff), { maxLength: 200, size: "max" }),
    )
    .map(([healthy, fatal, positions, choices]): Scenario => {
      const webhooks = [...healthy];
      for (const [index, one] of fatal.entries()) {
        // Each in another group, as far as there are any.
        const plan = { ...one, group: groups[index % groups.length] ?? "a" };
        webhooks.splice((positions.next().value ?? 0) % (webhooks.length + 1), 0, plan);
      }
      return {
        fifo,
        maxReceiveCount,
        batchSize: 10,
        clockSkews: [0, 0, 0, 0, 0],
        bareRefusals: false,
        webhooks,
        choices,
      };
    });
}

const onStandardQueue = { fifo: false, groups: ["a"], deadly: 5 };
const onManyGroups = { fifo: true, groups: ["a", "b", "c", "d", "e", "f"], deadly: 5 };
/** What waits behind one of them comes along with it, so that fewer can be worked off. */
const onOneGroup = { fifo: true, groups: ["a"], deadly: 2 };

describe("promise 5: a webhook that ends the function", () => {
  it.each([
    ["a standard queue", onStandardQueue],
    ["a FIFO queue of many groups", onManyGroups],
    ["a FIFO queue of one group", onOneGroup],
  ])("takes nobody along to the dead-letter queue, and ends there itself, on %s", async (_, backlog) => {
    const happened = new Set<string>();
    await assertProperty(
      fc.asyncProperty(backlogs(backlog), async (scenario) => {
        const world = await live(scenario, windless);
        expect(takenAlong(world), world.story.join("\n")).toEqual([]);
        const deadLettered = world.traffic.deadLettered().map(({ delivery }) => delivery.webhook);
        scenario.webhooks.forEach(({ behaviour }, webhook) => {
          if (behaviour === "exits" || behaviour === "freezes") expect(deadLettered).toContain(webhook);
        });
        for (const what of world.happened.keys()) happened.add(what);
      }),
      60,
    );
    if (explores()) {
      const wanted = ["ended by a handler", "frozen by a handler", "early delete request", "dead-lettered"];
      expect([...happened]).toEqual(expect.arrayContaining(wanted));
    }
  });
});

describe("the model notices", () => {
  it.each<[string, Parameters<typeof backlogs>[0], NonNullable<Sabotage["dependencies"]>]>([
    [
      "a function that tries what it died over beside everything else",
      onStandardQueue,
      ({ history }) => ({ history: { ...history, claim: (webhook) => history.claim(webhook, () => true) } }),
    ],
    [
      "a function that leaves what is done in the queue while it tries what it died over",
      onStandardQueue,
      () => ({ deleteMessages: async () => {} }),
    ],
    [
      "a function that leaves what waits together with what it tries",
      onStandardQueue,
      () => ({ changeVisibility: async () => {} }),
    ],
    [
      "a function that tries what it died over on a FIFO queue to the last, whatever waits behind it",
      onOneGroup,
      ({ history }) => ({
        history: {
          ...history,
          claim: async (webhook, mayTry = () => false) => {
            const claimed = await history.claim(webhook, () => mayTry(1));
            return claimed.state === "suspect" ? { ...claimed, crashes: 1 } : claimed;
          },
        },
      }),
    ],
  ])("%s", async (_, backlog, dependencies) => {
    const result = await fc.check(
      // With few deliveries what is wrong shows soon.
      fc.asyncProperty(backlogs({ ...backlog, maxReceiveCount: 5 }), async (scenario) => {
        expect(takenAlong(await live(scenario, windless, { sabotage: { dependencies } }))).toEqual([]);
      }),
      // Whether it is found must not depend on luck, and its smallest form is of no interest.
      { seed: 1, numRuns: 100, endOnFailure: true },
    );

    expect(result.failed).toBe(true);
    expect(String(result.errorInstance)).toMatch(/in the dead-letter queue|toEqual|deeply equal/);
  });
});
