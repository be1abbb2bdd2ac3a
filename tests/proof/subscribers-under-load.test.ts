import { expect, it } from "vitest";
import { decodeHandOver } from "../../runtime/subscribers/message.js";
import { type LoadBehaviour, LoadWorld } from "../support/proof/fan-out/load.js";
import { simulate } from "../support/proof/live.js";

simulate();

/** `SUBSCRIBERS_LOAD=10000` runs it at full size. */
const webhooks = Number(process.env.SUBSCRIBERS_LOAD ?? 200);
const maxReceiveCount = 8;
const others = Array.from({ length: 22 }, (): LoadBehaviour => "healthy");

it(
  "25 subscribers under load: each has every webhook once, however one fails, another dawdles and a third crashes",
  async () => {
    const startedAt = performance.now();
    const subscribers: LoadBehaviour[] = ["down", "slow", "crashing", ...others];
    const world = await new LoadWorld({
      webhooks,
      subscribers,
      maxReceiveCount,
      killed: 0.02,
      seed: 1,
    }).run();
    const { ledger, source } = world;
    ledger.checkAtRest();
    expect(ledger.violations.slice(0, 3)).toEqual([]);
    const all = Array.from({ length: webhooks }, (_, webhook) => webhook);

    expect(all.filter((webhook) => world.statusOf(`github/event-${webhook}`) !== "distributed")).toEqual([]);
    expect(source.isEmpty).toBe(true);
    const [down, ...up] = world.subscribers;
    if (down === undefined) throw new Error("nobody is down");
    for (const lane of up) {
      const ids = all.map((webhook) => world.webhookId(lane, webhook));
      expect(ids.filter((id) => world.statusOf(id) !== "processed")).toEqual([]);
      // A completion whose end the killed function could not write is the only one that is repeated.
      const repeated = ids.filter((id) => ledger.completionsOf(id) !== 1 + ledger.interruptionsOf(id));
      expect(repeated).toEqual([]);
      expect(lane.isEmpty).toBe(true);
    }
    // A webhook whose hand-over was cut off by a kill is handed over again, so that it may wait there twice.
    const letters = new Set(down.deadLetters.map(({ body }) => decodeHandOver(body).eventId));
    expect(letters.size).toBe(webhooks);
    expect(all.filter((webhook) => ledger.completionsOf(world.webhookId(down, webhook)) > 0)).toEqual([]);
    expect(world.kills).toBeGreaterThan(0);

    if (process.env.SUBSCRIBERS_LOAD !== undefined) {
      const seconds = Math.round((performance.now() - startedAt) / 1000);
      const completed = up.reduce(
        (sum, lane) =>
          sum + all.reduce((part, webhook) => part + ledger.completionsOf(world.webhookId(lane, webhook)), 0),
        0,
      );
      process.stdout.write(
        `${webhooks} webhooks, ${subscribers.length} subscribers: ${completed} completions for ${up.length * webhooks} due, ` +
          `${completed - up.length * webhooks} of them repeated after a kill, ${world.kills} functions killed, ` +
          `${letters.size} webhooks in the dead-letter queue of the one that is down, ${world.requestsToSqs} requests to hand over; ${seconds} s\n`,
      );
    }
  },
  60_000 + webhooks * 200,
);
