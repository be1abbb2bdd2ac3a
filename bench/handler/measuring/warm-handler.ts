import type { Contender, Endpoints } from "../contenders/contenders.js";
import { batchEvent, type Delivery } from "../webhooks.js";
import { startFunction } from "./lambda-function.js";

/** A handler in its own process, for one batch at a time. */
export interface WarmHandler {
  /**
   * Processes a batch.
   *
   * @returns milliseconds from the handler's call to its end
   * @throws Error if a webhook returns to the queue, because its time or count would be too small
   */
  workOff(batch: readonly Delivery[]): Promise<number>;
  stop(): Promise<void>;
}

/** Lambda's default batch size for SQS, and the stage's. */
export const batchSize = 10;

/** Starts a handler's function. */
export async function startHandler(contender: Contender, endpoints: Endpoints): Promise<WarmHandler> {
  const { name, entry, message, variables } = contender;
  const lambda = await startFunction(entry, variables(endpoints));
  return {
    async workOff(batch) {
      const { milliseconds, failures } = await lambda.invoke(batchEvent(batch.map(message)));
      if (failures.length === 0) return milliseconds;
      throw new Error(`${failures.length} webhooks of a batch failed in the handler "${name}"`);
    },
    stop: () => lambda.stop(),
  };
}

/** The items in batches. The last one may be smaller. */
export function batchesOf<Item>(items: readonly Item[]): Item[][] {
  const batches: Item[][] = [];
  for (let at = 0; at < items.length; at += batchSize) batches.push(items.slice(at, at + batchSize));
  return batches;
}
