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
  /** By how much each request to DynamoDB is delayed. */
  readonly latencyMilliseconds: number;
  readonly onProgress: (step: string) => void;
}

/** The measurements of one handler. */
export interface HandlerFigures {
  /** Billed milliseconds per webhook, one figure per invocation. The same index is the same batch for every handler. */
  readonly billedMilliseconds: readonly number[];
  /** Write units of a new webhook. */
  readonly writeUnits: number;
  /** Requests to DynamoDB for a new webhook. */
  readonly requests: number;
  /** Write units of a repeated webhook. */
  readonly writeUnitsRepeated: number;
  readonly bundleBytes: number;
  /** Milliseconds of imports in new processes. */
  readonly coldImports: readonly number[];
}

/** All measurements of one run. */
export interface Comparison {
  readonly rounds: number;
  readonly latencyMilliseconds: number;
  /** In a round. */
  readonly webhooks: number;
  readonly batchSize: number;
  readonly handlers: Readonly<Record<HandlerName, HandlerFigures>>;
  /** The bundle with only DynamoDB's client. */
  readonly sdkOnly: Pick<HandlerFigures, "bundleBytes" | "coldImports">;
}

/** Imports of each bundle. */
const coldImports = 31;

/** Measures all handlers. */
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
