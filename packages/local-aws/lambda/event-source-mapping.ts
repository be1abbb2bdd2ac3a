import { setTimeout as delay } from "node:timers/promises";
import type { SQSRecord } from "aws-lambda";
import type { Principal } from "../iam/principal.js";
import type { GraphResource } from "../program/graph.js";
import { describe } from "../program/graph.js";
import { UserError } from "../program/user-error.js";
import type { Cloud } from "../services/cloud.js";
import type { Queue } from "../services/sqs/queue.js";
import { failedMessageIds } from "./batch-response.js";
import type { LambdaFunction } from "./function.js";
import { type ReceivedMessage, recordBytes, toRecord } from "./sqs-records.js";

export interface EventSourceMappingOptions {
  readonly cloud: Cloud;
  readonly resource: GraphResource;
  readonly lambda: LambdaFunction;
  /** The function's role, which polls. */
  readonly principal: Principal;
  readonly onProblem: (problem: string) => void;
}

/** Batches that Lambda works on at the same time before it scales up (AWS fact 4.8); here it stays with these. */
const pollers = 5;
/** Largest synchronous invocation payload (AWS fact 4.2). */
const maximumPayloadBytes = 6 * 1024 * 1024;
const emptyPayloadBytes = Buffer.byteLength('{"Records":[]}');
/** Pause before a call that failed, or a function that was throttled, is tried again. */
const retryMilliseconds = 500;

interface Batch {
  readonly records: SQSRecord[];
  readonly receivedAt: number;
}

/** docs.aws.amazon.com/lambda/latest/api/API_UpdateEventSourceMapping.html, "State" */
export type MappingState = "Enabled" | "Enabling" | "Disabled" | "Disabling" | "Updating";

/** What the mapping does now, and what was last changed about it. */
export interface MappingStatus {
  readonly state: MappingState;
  readonly lastModified: Date;
}

/** Inputs of a mapping that can be changed while it runs. */
export type MappingChanges = Readonly<
  Partial<
    Record<
      "enabled" | "batchSize" | "maximumBatchingWindowInSeconds" | "scalingConfig" | "functionResponseTypes",
      unknown
    >
  >
>;

/** Polls a queue for a function and settles what the function made of each batch. */
export class EventSourceMapping {
  readonly #stop = new AbortController();
  #inputs: GraphResource["inputs"];
  #settings: MappingSettings;
  #loops: Promise<unknown> = Promise.resolve();
  /** Ends the polling, and lets batches under way come to their end. */
  #pause = new AbortController();
  #state: MappingState;
  #lastModified = new Date();
  /** Resolves when the last change is made. */
  #changing: Promise<unknown> = Promise.resolve();

  /** @throws UserError for a mapping that AWS would refuse to create */
  constructor(
    private readonly options: EventSourceMappingOptions,
    private readonly queue: Queue,
  ) {
    this.#inputs = options.resource.inputs;
    this.#settings = mappingSettings(options.resource, queue, options.lambda);
    this.#state = this.#settings.enabled ? "Enabled" : "Disabled";
  }

  get resource(): GraphResource {
    return this.options.resource;
  }

  get functionArn(): string {
    return this.options.lambda.arn;
  }

  /** The resource's inputs, with the changes since. */
  get inputs(): GraphResource["inputs"] {
    return this.#inputs;
  }

  get status(): MappingStatus {
    return { state: this.#state, lastModified: this.#lastModified };
  }

  start(): void {
    const { enabled, concurrency } = this.#settings;
    if (!enabled) return;
    this.#pause = new AbortController();
    const { signal } = this.#pause;
    this.#loops = Promise.all(Array.from({ length: concurrency }, () => this.#poll(signal)));
  }

  /**
   * Changes the mapping as UpdateEventSourceMapping does: it stops polling, waits for the batches under way, and goes on as it is
   * told. Meanwhile its state is Disabling, Enabling or Updating.
   *
   * @throws UserError for what AWS would refuse
   */
  change(changes: MappingChanges): void {
    const inputs = { ...this.#inputs, ...changes };
    const settings = mappingSettings({ ...this.options.resource, inputs }, this.queue, this.options.lambda);
    const wasEnabled = this.#settings.enabled;
    this.#inputs = inputs;
    this.#settings = settings;
    this.#lastModified = new Date();
    this.#state = wasEnabled === settings.enabled ? "Updating" : settings.enabled ? "Enabling" : "Disabling";
    this.#pause.abort();
    const settled = this.#loops.then(() => {
      if (!this.#stop.signal.aborted) this.start();
      this.#state = settings.enabled ? "Enabled" : "Disabled";
    });
    // The loops that start then are waited for by the next change, and by the end.
    this.#changing = settled;
  }

  /** Stops polling; batches under way are left to the caller, who ends the function. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#pause.abort();
    await this.#changing;
    await this.#loops;
  }

  async #poll(paused: AbortSignal): Promise<void> {
    let carried: SQSRecord[] = [];
    // What was received already is still worked on.
    while (!this.#stop.signal.aborted && !(paused.aborted && carried.length === 0)) {
      try {
        const gathered = await this.#gather(carried, paused);
        carried = gathered.rest;
        if (gathered.batch.records.length > 0) await this.#work(gathered.batch);
      } catch (error) {
        if (this.#stop.signal.aborted) return;
        this.options.onProblem(`${describe(this.options.resource)}: ${(error as Error).message}`);
        await this.#wait();
      }
    }
  }

  /** Fills a batch until its size, its window or the payload limit is reached; what no longer fits is carried over. */
  async #gather(carried: SQSRecord[], paused: AbortSignal): Promise<{ batch: Batch; rest: SQSRecord[] }> {
    const { batchSize, windowSeconds } = this.#settings;
    const waiting = [...carried];
    if (waiting.length === 0) waiting.push(...(await this.#receive(batchSize, 20, paused)));
    const receivedAt = Date.now();
    const windowEnd = receivedAt + windowSeconds * 1000;
    while (
      windowSeconds > 0 &&
      waiting.length > 0 &&
      fitting(waiting) === waiting.length &&
      waiting.length < batchSize &&
      Date.now() < windowEnd &&
      !paused.aborted
    ) {
      const wait = Math.min(20, Math.ceil((windowEnd - Date.now()) / 1000));
      waiting.push(...(await this.#receive(batchSize - waiting.length, wait, paused)));
    }
    const count = Math.min(fitting(waiting), batchSize);
    return { batch: { records: waiting.slice(0, count), receivedAt }, rest: waiting.slice(count) };
  }

  async #receive(count: number, waitSeconds: number, paused: AbortSignal): Promise<SQSRecord[]> {
    if (paused.aborted) return [];
    const output = await this.#call(
      "ReceiveMessage",
      {
        MaxNumberOfMessages: Math.min(count, 10),
        WaitTimeSeconds: waitSeconds,
        VisibilityTimeout: this.#settings.visibilitySeconds,
        MessageSystemAttributeNames: ["All"],
        MessageAttributeNames: ["All"],
      },
      paused,
    );
    const { Messages = [] } = output as { Messages?: ReceivedMessage[] };
    return Messages.map((message) => toRecord(message, this.queue.settings.arn));
  }

  async #work({ records, receivedAt }: Batch): Promise<void> {
    const { lambda } = this.options;
    const visibleAgainAt = receivedAt + this.#settings.visibilitySeconds * 1000;
    let result = await lambda.invoke({ Records: records });
    // A throttled batch is tried again for as long as its messages are hidden (AWS fact 4.8).
    while (result.kind === "throttled" && Date.now() < visibleAgainAt && !this.#stop.signal.aborted) {
      await this.#wait();
      if (!this.#stop.signal.aborted) result = await lambda.invoke({ Records: records });
    }
    if (result.kind !== "returned" || this.#stop.signal.aborted) return;
    // Without ReportBatchItemFailures whatever is returned is ignored (AWS fact 4.5).
    const failed = this.#settings.reportsItemFailures
      ? failedMessageIds(
          result.payload,
          records.map(({ messageId }) => messageId),
        )
      : new Set<string>();
    // Failed messages are left alone: they come back when their visibility timeout ends (AWS fact 4.7).
    await this.#delete(records.filter(({ messageId }) => !failed.has(messageId)));
  }

  async #delete(records: readonly SQSRecord[]): Promise<void> {
    for (let start = 0; start < records.length; start += 10) {
      const entries = records
        .slice(start, start + 10)
        .map(({ receiptHandle }, index) => ({ Id: String(index), ReceiptHandle: receiptHandle }));
      const output = await this.#call("DeleteMessageBatch", { Entries: entries });
      for (const { Message } of (output as { Failed: { Message: string }[] }).Failed) {
        this.options.onProblem(`${describe(this.options.resource)}: ${Message}`);
      }
    }
  }

  #call(operation: string, input: Record<string, unknown>, signal = this.#stop.signal): Promise<unknown> {
    const { cloud, principal } = this.options;
    const QueueUrl = this.queue.settings.url;
    return cloud.call(principal, { service: "sqs", operation, input: { QueueUrl, ...input } }, signal);
  }

  async #wait(): Promise<void> {
    await delay(retryMilliseconds, undefined, { signal: this.#stop.signal }).catch(() => {});
  }
}

/** How many of the records fit into one payload; at least one. */
function fitting(records: readonly SQSRecord[]): number {
  let bytes = emptyPayloadBytes;
  const over = records.findIndex((record) => {
    bytes += recordBytes(record);
    return bytes > maximumPayloadBytes;
  });
  return over === -1 ? records.length : Math.max(over, 1);
}

interface MappingSettings {
  readonly enabled: boolean;
  readonly batchSize: number;
  readonly windowSeconds: number;
  readonly concurrency: number;
  readonly reportsItemFailures: boolean;
  readonly visibilitySeconds: number;
}

function mappingSettings(resource: GraphResource, queue: Queue, lambda: LambdaFunction): MappingSettings {
  const { inputs } = resource;
  const { fifo, visibilityTimeoutSeconds } = queue.settings;
  const batchSize = Number(inputs.batchSize ?? 10);
  const windowSeconds = Number(inputs.maximumBatchingWindowInSeconds ?? 0);
  const { maximumConcurrency = pollers } = (inputs.scalingConfig ?? {}) as { maximumConcurrency?: number };
  const refuse = (why: string): never => {
    throw new UserError(`${describe(resource)}: ${why}`);
  };
  if (batchSize < 1 || batchSize > (fifo ? 10 : 10_000)) {
    refuse(`batchSize must be 1 to ${fifo ? 10 : 10_000}, got ${batchSize}`);
  }
  if (batchSize > 10 && windowSeconds < 1) {
    refuse(
      "Maximum batch window in seconds must be greater than 0 if maximum batch size is greater than 10: set maximumBatchingWindowInSeconds",
    );
  }
  if (fifo && windowSeconds > 0) refuse("a FIFO queue has no maximumBatchingWindowInSeconds");
  if (maximumConcurrency < 2) refuse("scalingConfig.maximumConcurrency must be 2 or more");
  if (visibilityTimeoutSeconds < lambda.timeoutSeconds) {
    refuse(
      `Queue visibility timeout: ${visibilityTimeoutSeconds} seconds is less than Function timeout: ${lambda.timeoutSeconds} seconds`,
    );
  }
  const longest = windowSeconds + lambda.timeoutSeconds;
  return {
    enabled: inputs.enabled !== false,
    batchSize,
    windowSeconds,
    concurrency: Math.min(pollers, maximumConcurrency),
    reportsItemFailures: ((inputs.functionResponseTypes ?? []) as string[]).includes(
      "ReportBatchItemFailures",
    ),
    // Lambda stretches a visibility timeout that the window and the function together would outlive (AWS fact 4.10).
    visibilitySeconds: longest > visibilityTimeoutSeconds ? longest + 30 : visibilityTimeoutSeconds,
  };
}

/** The queue and the function that a mapping joins, by whatever the program calls them. */
export function joined(
  resource: GraphResource,
  queues: readonly Queue[],
  lambdas: readonly LambdaFunction[],
): { queue: Queue; lambda: LambdaFunction } {
  const { eventSourceArn, functionName } = resource.inputs;
  const queue = queues.find(({ settings }) => settings.arn === eventSourceArn);
  const lambda = lambdas.find(({ name, arn }) => [name, arn].includes(String(functionName)));
  if (queue === undefined) {
    throw new UserError(
      `${describe(resource)}: eventSourceArn "${eventSourceArn}" is not a queue of the program`,
    );
  }
  if (lambda === undefined) {
    throw new UserError(
      `${describe(resource)}: functionName "${functionName}" is not a function of the program`,
    );
  }
  return { queue, lambda };
}
