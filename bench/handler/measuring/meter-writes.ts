import type { Contender } from "../contenders/contenders.js";
import { startEmulator } from "../emulator/emulator.js";
import { type Metered, startWriteMeter } from "../emulator/write-meter.js";
import { deliver, type SignedWebhook } from "../webhooks.js";
import { batchesOf, startHandler } from "./warm-handler.js";

/** What DynamoDB would bill for one handler. */
export interface MeteredDeliveries {
  /** For new webhooks. */
  readonly first: Metered;
  /** For the same webhooks, delivered again. */
  readonly repeated: Metered;
}

/**
 * Runs each webhook twice through each handler, one handler after the other.
 *
 * @param others endpoint of the other AWS services
 */
export async function meterWrites(
  contenders: readonly Contender[],
  webhooks: readonly SignedWebhook[],
  others: string,
): Promise<MeteredDeliveries[]> {
  const emulator = await startEmulator(0);
  const meter = await startWriteMeter(emulator.endpoint);
  try {
    const metered: MeteredDeliveries[] = [];
    for (const contender of contenders) {
      await contender.createTables(emulator);
      const handler = await startHandler(contender, { dynamodb: meter.endpoint, others });
      const batches = batchesOf(webhooks.map(deliver));
      const workThrough = async (): Promise<Metered> => {
        for (const batch of batches) await handler.workOff(batch);
        return meter.read();
      };
      try {
        metered.push({ first: await workThrough(), repeated: await workThrough() });
      } finally {
        await handler.stop();
      }
    }
    return metered;
  } finally {
    await meter.stop();
    await emulator.stop();
  }
}
