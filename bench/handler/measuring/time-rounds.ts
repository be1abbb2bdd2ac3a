import type { Contender } from "../contenders/contenders.js";
import { startEmulator } from "../emulator/emulator.js";
import { deliver, type SignedWebhook } from "../webhooks.js";
import { batchesOf, startHandler, type WarmHandler } from "./warm-handler.js";

/** Rounds that do not count: in the first ones V8 is still compiling. */
const warmUpRounds = 2;

/**
 * Times every handler with the same batches and the same emulator.
 *
 * @param others endpoint of the other AWS services
 * @returns billed milliseconds per webhook for each invocation, by handler. The same index is the same batch for every
 *   handler
 */
export async function timeRounds(
  contenders: readonly Contender[],
  webhooks: readonly SignedWebhook[],
  others: string,
  { rounds, latencyMilliseconds }: { readonly rounds: number; readonly latencyMilliseconds: number },
): Promise<readonly (readonly number[])[]> {
  const emulator = await startEmulator(latencyMilliseconds);
  const timed: TimedHandler[] = [];
  try {
    for (const contender of contenders) {
      await contender.createTables(emulator);
      const handler = await startHandler(contender, { dynamodb: emulator.endpoint, others });
      timed.push({ handler, billed: [] });
    }
    for (let round = 0; round < warmUpRounds; round++) await timeRound(timed, webhooks);
    for (const { billed } of timed) billed.length = 0;
    for (let round = 0; round < rounds; round++) await timeRound(timed, webhooks);
    return timed.map(({ billed }) => billed);
  } finally {
    await Promise.all(timed.map(({ handler }) => handler.stop()));
    await emulator.stop();
  }
}

interface TimedHandler {
  readonly handler: WarmHandler;
  readonly billed: number[];
}

/** Batches that a handler processes before those that count. */
const leadInBatches = 5;

/**
 * Times the corpus once with each handler, in a different order each round. A handler processes it without a pause
 * after a few untimed batches, because a busy queue gives an environment one batch after the other. If the handlers
 * alternated batch by batch, each would pay for caches that the others have filled, and, after a handler that mostly
 * waits, for processors that have gone to sleep.
 */
async function timeRound(timed: readonly TimedHandler[], webhooks: readonly SignedWebhook[]): Promise<void> {
  const batches = batchesOf(webhooks);
  for (const { handler, billed } of shuffled(timed)) {
    for (const batch of batches.slice(-leadInBatches)) await handler.workOff(batch.map(deliver));
    for (const batch of batches) {
      const milliseconds = await handler.workOff(batch.map(deliver));
      // Lambda bills each invocation's time rounded up to a millisecond: aws.amazon.com/lambda/pricing.
      billed.push(Math.ceil(milliseconds) / batch.length);
    }
  }
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((one, other) => one.place - other.place)
    .map(({ item }) => item);
}
