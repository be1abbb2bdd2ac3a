import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { bundleContenders, bundleSdkOnly, type HandlerName } from "./contenders/contenders.js";
import { startAwsServices } from "./emulator/aws-services.js";
import { timeColdImports } from "./measuring/cold-imports.js";
import { meterWrites } from "./measuring/meter-writes.js";
import { timeRounds } from "./measuring/time-rounds.js";
import { batchSize } from "./measuring/warm-handler.js";
import { githubCorpus, githubSecret } from "./webhooks.js";

export interface CompareOptions {
  /** How often the whole corpus is timed. */
  readonly rounds: number;
  /** What each request to DynamoDB waits. */
  readonly latencyMilliseconds: number;
  readonly onProgress: (step: string) => void;
}

/** What was measured of one handler. */
export interface HandlerFigures {
  /** Billed milliseconds for a webhook, one figure an invocation; the same place in each handler's is the same batch. */
  readonly billedMilliseconds: readonly number[];
  /** Write units of a webhook that is new. */
  readonly writeUnits: number;
  /** Requests to DynamoDB for a webhook that is new. */
  readonly requests: number;
  /** Write units of a webhook that is delivered again. */
  readonly writeUnitsRepeated: number;
  readonly bundleBytes: number;
  /** Milliseconds of imports in fresh processes. */
  readonly coldImports: readonly number[];
}

/** Everything that was measured, in one run. */
export interface Comparison {
  readonly rounds: number;
  readonly latencyMilliseconds: number;
  /** In a round. */
  readonly webhooks: number;
  readonly batchSize: number;
  readonly handlers: Readonly<Record<HandlerName, HandlerFigures>>;
  /** The bundle that holds DynamoDB's client alone. */
  readonly sdkOnly: Pick<HandlerFigures, "bundleBytes" | "coldImports">;
}

/** Imports of each bundle. */
const coldImports = 31;

/** Measures all handlers side by side. */
export async function compareHandlers(options: CompareOptions): Promise<Comparison> {
  const { rounds, latencyMilliseconds, onProgress } = options;
  const folder = await mkdtemp(join(tmpdir(), "webhook-bench-"));
  const services = await startAwsServices(githubSecret);
  try {
    const webhooks = await githubCorpus();
    const contenders = await bundleContenders(folder);
    const sdkOnly = await bundleSdkOnly(folder);

    onProgress(`counting write units of ${webhooks.length} webhooks`);
    const writes = await meterWrites(contenders, webhooks, services.endpoint);

    onProgress(`importing each bundle ${coldImports} times`);
    const nowhere = { dynamodb: services.endpoint, others: services.endpoint };
    const [sdkOnlyImports = [], ...imports] = await timeColdImports(
      [
        { entry: sdkOnly.entry, variables: {} },
        ...contenders.map(({ entry, variables }) => ({ entry, variables: variables(nowhere) })),
      ],
      coldImports,
    );

    onProgress(`timing ${rounds} rounds`);
    const billed = await timeRounds(contenders, webhooks, services.endpoint, { rounds, latencyMilliseconds });

    const figures = contenders.map(({ name, bundleBytes }, index): [HandlerName, HandlerFigures] => [
      name,
      {
        billedMilliseconds: billed[index] ?? [],
        writeUnits: (writes[index]?.first.writeUnits ?? 0) / webhooks.length,
        requests: (writes[index]?.first.requests ?? 0) / webhooks.length,
        writeUnitsRepeated: (writes[index]?.repeated.writeUnits ?? 0) / webhooks.length,
        bundleBytes,
        coldImports: imports[index] ?? [],
      },
    ]);
    return {
      rounds,
      latencyMilliseconds,
      webhooks: webhooks.length,
      batchSize,
      handlers: Object.fromEntries(figures) as Record<HandlerName, HandlerFigures>,
      sdkOnly: { bundleBytes: sdkOnly.bundleBytes, coldImports: sdkOnlyImports },
    };
  } finally {
    await services.stop();
    await rm(folder, { recursive: true, force: true });
  }
}
