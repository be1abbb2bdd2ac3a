import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startAwsServices } from "./aws-services.js";
import { timeColdImports } from "./cold-imports.js";
import {
  bundleContenders,
  bundleSdkOnly,
  type Contender,
  type Endpoints,
  type HandlerName,
} from "./contenders.js";
import { startEmulator } from "./emulator.js";
import { type LambdaFunction, startFunction } from "./lambda-function.js";
import { batchEvent, deliver, githubCorpus, githubSecret, type SignedWebhook } from "./webhooks.js";
import { type Metered, startWriteMeter } from "./write-meter.js";

export interface CompareOptions {
  /** How often the whole corpus is timed. */
  readonly rounds: number;
  /** What each request to DynamoDB waits. */
  readonly latencyMilliseconds: number;
  readonly onProgress: (step: string) => void;
}

/** What was measured of one handler. */
export interface HandlerFigures {
  /** Billed milliseconds for a webhook, one figure a round. */
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

/** Lambda's batch size for SQS by default, and the stage's. */
const batchSize = 10;
/** Imports of each bundle. */
const coldImports = 25;

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

interface MeteredDeliveries {
  readonly first: Metered;
  readonly repeated: Metered;
}

/** Runs each webhook twice through each handler, one handler after the other, and counts what DynamoDB would bill. */
async function meterWrites(
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
      const lambda = await start(contender, { dynamodb: meter.endpoint, others });
      const messages = webhooks.map((webhook) => contender.message(deliver(webhook)));
      const workThrough = async (): Promise<Metered> => {
        for (const batch of batchesOf(messages)) await workOff(contender, lambda, batch);
        return meter.read();
      };
      metered.push({ first: await workThrough(), repeated: await workThrough() });
      await lambda.stop();
    }
    return metered;
  } finally {
    await meter.stop();
    await emulator.stop();
  }
}

/** @returns billed milliseconds for a webhook of each round, by handler */
async function timeRounds(
  contenders: readonly Contender[],
  webhooks: readonly SignedWebhook[],
  others: string,
  { rounds, latencyMilliseconds }: { readonly rounds: number; readonly latencyMilliseconds: number },
): Promise<number[][]> {
  const emulator = await startEmulator(latencyMilliseconds);
  const lambdas: LambdaFunction[] = [];
  try {
    for (const contender of contenders) {
      await contender.createTables(emulator);
      lambdas.push(await start(contender, { dynamodb: emulator.endpoint, others }));
    }
    const billed = contenders.map((): number[] => []);
    // One round more at the start, which only warms everything up.
    for (let round = -1; round < rounds; round++) {
      const sums = await timeRound(contenders, lambdas, webhooks);
      if (round < 0) continue;
      for (const [index, sum] of sums.entries()) billed[index]?.push(sum / webhooks.length);
    }
    return billed;
  } finally {
    await Promise.all(lambdas.map((lambda) => lambda.stop()));
    await emulator.stop();
  }
}

/** Times the corpus once, the handlers taking turns with each batch and in who comes first. */
async function timeRound(
  contenders: readonly Contender[],
  lambdas: readonly LambdaFunction[],
  webhooks: readonly SignedWebhook[],
): Promise<number[]> {
  const sums = contenders.map(() => 0);
  for (const [turn, batch] of batchesOf(webhooks.map(deliver)).entries()) {
    for (let place = 0; place < contenders.length; place++) {
      const index = (turn + place) % contenders.length;
      const contender = contenders[index];
      const lambda = lambdas[index];
      if (contender === undefined || lambda === undefined) throw new Error("each handler needs its function");
      const milliseconds = await workOff(contender, lambda, batch.map(contender.message));
      // Lambda bills each invocation's time rounded up to a millisecond: aws.amazon.com/lambda/pricing.
      sums[index] = (sums[index] ?? 0) + Math.ceil(milliseconds);
    }
  }
  return sums;
}

/** Runs a batch of which nothing may go back: a webhook that failed would be timed, or counted, for less than its work. */
async function workOff(
  { name }: Contender,
  lambda: LambdaFunction,
  messages: readonly string[],
): Promise<number> {
  const { milliseconds, failures } = await lambda.invoke(batchEvent(messages));
  if (failures.length === 0) return milliseconds;
  throw new Error(`${failures.length} webhooks of a batch failed in the handler "${name}"`);
}

function start(contender: Contender, endpoints: Endpoints): Promise<LambdaFunction> {
  return startFunction(contender.entry, contender.variables(endpoints));
}

function batchesOf<Item>(items: readonly Item[]): Item[][] {
  const batches: Item[][] = [];
  for (let at = 0; at < items.length; at += batchSize) batches.push(items.slice(at, at + batchSize));
  return batches;
}
