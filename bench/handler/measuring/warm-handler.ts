import type { Contender, Endpoints } from "../contenders/contenders.js";
import { batchEvent, type Delivery } from "../webhooks.js";
import { startFunction } from "./lambda-function.js";

/** A handler in its process, for one batch at a time. */
export interface WarmHandler {
  /**
   * Works off a batch.
   *
   * @returns milliseconds from the handler's call to its end
   * @throws Error if a webhook goes back to the queue: it would be timed, or counted, for less than its work
   */
  workOff(batch: readonly Delivery[]): Promise<number>;
  stop(): Promise<void>;
}

/** Lambda's batch size for SQS by default, and the stage's. */
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

/** The items in batches, the last one maybe smaller. */
export function batchesOf<Item>(items: readonly Item[]): Item[][] {
  const batches: Item[][] = [];
  for (let at = 0; at < items.length; at += batchSize) batches.push(items.slice(at, at + batchSize));
  return batches;
}
