import { z } from "zod";
import { eachEntry, queueAttributes, received, sent } from "./answers.js";
import { batchError, invalidParameter, missingParameter, queueDoesNotExist, SqsError } from "./errors.js";
import { type MessageDraft, sizeBytes } from "./message.js";
import { MoveTasks } from "./move-tasks.js";
import type { Queue } from "./queue.js";

/** Sum of the message sizes in one batch (AWS fact 3.2). */
const maximumBatchBytes = 1_048_576;

const attribute = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
});
const message = z.object({
  MessageBody: z.string(),
  DelaySeconds: z.coerce.number().int().optional(),
  MessageAttributes: z.record(z.string(), attribute).default({}),
  MessageSystemAttributes: z.object({ AWSTraceHeader: attribute }).partial().default({}),
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
});
const onQueue = z.object({ QueueUrl: z.string() });
const names = z.array(z.string()).default([]);
const batchOf = <Entry extends z.ZodRawShape>(entry: z.ZodObject<Entry>) =>
  onQueue.extend({ Entries: z.array(entry.extend({ Id: z.string() })) });

const inputs = {
  SendMessage: onQueue.extend(message.shape),
  SendMessageBatch: batchOf(message),
  ReceiveMessage: onQueue.extend({
    MaxNumberOfMessages: z.coerce.number().int().default(1),
    VisibilityTimeout: z.coerce.number().int().optional(),
    WaitTimeSeconds: z.coerce.number().int().optional(),
    AttributeNames: names,
    MessageSystemAttributeNames: names,
    MessageAttributeNames: names,
  }),
  DeleteMessage: onQueue.extend({ ReceiptHandle: z.string() }),
  DeleteMessageBatch: batchOf(z.object({ ReceiptHandle: z.string() })),
  ChangeMessageVisibility: onQueue.extend({
    ReceiptHandle: z.string(),
    VisibilityTimeout: z.coerce.number().int(),
  }),
  ChangeMessageVisibilityBatch: batchOf(
    z.object({ ReceiptHandle: z.string(), VisibilityTimeout: z.coerce.number().int() }),
  ),
  GetQueueAttributes: onQueue.extend({ AttributeNames: names }),
  GetQueueUrl: z.object({ QueueName: z.string() }),
  ListQueues: z.object({ QueueNamePrefix: z.string().default("") }),
  ListDeadLetterSourceQueues: onQueue,
  PurgeQueue: onQueue,
  StartMessageMoveTask: z.object({
    SourceArn: z.string(),
    DestinationArn: z.string().optional(),
    MaxNumberOfMessagesPerSecond: z.coerce.number().int().optional(),
  }),
  ListMessageMoveTasks: z.object({ SourceArn: z.string(), MaxResults: z.coerce.number().int().default(1) }),
  CancelMessageMoveTask: z.object({ TaskHandle: z.string() }),
} as const;

type Operation = keyof typeof inputs;
type Input<Name extends Operation> = z.infer<(typeof inputs)[Name]>;
type Handlers = { [Name in Operation]: (input: Input<Name>, signal?: AbortSignal) => unknown };

/** The operations of SQS that this machine has; queues themselves come from the program. */
export function isSqsOperation(name: string): name is Operation {
  return Object.hasOwn(inputs, name);
}

/** SQS over the queues of one stack, in the shapes of the JSON protocol. Refusals are thrown as SqsError. */
export class SqsService {
  readonly #queues = new Map<string, Queue>();
  readonly #moveTasks = new MoveTasks((arn) => this.queueByArn(arn), this.#queues);

  add(queue: Queue): void {
    this.#queues.set(queue.settings.name, queue);
  }

  queues(): Queue[] {
    return [...this.#queues.values()];
  }

  queueByArn(arn: string): Queue | undefined {
    return this.queues().find(({ settings }) => settings.arn === arn);
  }

  /** A queue URL names account and queue in its path; the host does not matter to SQS. */
  queueByUrl(url: string): Queue | undefined {
    return this.#queues.get(url.split("/").at(-1) ?? "");
  }

  /** Long polls and redrives end when `signal` aborts. */
  async handle(operation: string, input: unknown, signal?: AbortSignal): Promise<unknown> {
    if (!isSqsOperation(operation)) {
      throw new SqsError("InvalidAction", `The action ${operation} is not valid for this endpoint.`);
    }
    const handler = this.#handlers[operation] as (input: unknown, signal?: AbortSignal) => unknown;
    return (await handler(checked(operation, input), signal)) ?? {};
  }

  /** Ends redrives that are under way. */
  stop(): void {
    this.#moveTasks.stop();
  }

  readonly #handlers: Handlers = {
    SendMessage: (input) => sent(this.#queue(input).send(draftOf(input))),
    SendMessageBatch: (input) => {
      const queue = this.#queue(input);
      const bytes = input.Entries.reduce((sum, entry) => sum + sizeBytes(draftOf(entry)), 0);
      if (bytes > maximumBatchBytes) {
        throw batchError(
          "BatchRequestTooLong",
          `Batch requests cannot be longer than ${maximumBatchBytes} bytes. You have sent ${bytes} bytes.`,
        );
      }
      return eachEntry(input.Entries, (entry) => sent(queue.send(draftOf(entry))));
    },
    ReceiveMessage: (input, signal) => this.#receive(input, signal),
    DeleteMessage: (input) => this.#queue(input).delete(input.ReceiptHandle),
    DeleteMessageBatch: (input) => {
      const queue = this.#queue(input);
      return eachEntry(input.Entries, ({ ReceiptHandle }) => queue.delete(ReceiptHandle));
    },
    ChangeMessageVisibility: (input) =>
      this.#queue(input).changeVisibility(input.ReceiptHandle, input.VisibilityTimeout),
    ChangeMessageVisibilityBatch: (input) => {
      const queue = this.#queue(input);
      return eachEntry(input.Entries, (entry) =>
        queue.changeVisibility(entry.ReceiptHandle, entry.VisibilityTimeout),
      );
    },
    GetQueueAttributes: (input) => {
      const all = queueAttributes(this.#queue(input));
      const wanted = (name: string) =>
        input.AttributeNames.includes("All") || input.AttributeNames.includes(name);
      return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => wanted(name))) };
    },
    GetQueueUrl: ({ QueueName }) => ({ QueueUrl: this.#queue({ QueueUrl: QueueName }).settings.url }),
    ListQueues: ({ QueueNamePrefix }) => ({
      QueueUrls: this.queues()
        .filter(({ settings }) => settings.name.startsWith(QueueNamePrefix))
        .map(({ settings }) => settings.url),
    }),
    ListDeadLetterSourceQueues: (input) => {
      const { arn } = this.#queue(input).settings;
      const sources = this.queues().filter(({ settings }) => settings.redrive?.deadLetterTargetArn === arn);
      return { queueUrls: sources.map(({ settings }) => settings.url) };
    },
    PurgeQueue: (input) => this.#queue(input).purge(),
    StartMessageMoveTask: (input) => ({
      TaskHandle: this.#moveTasks.start(
        input.SourceArn,
        input.DestinationArn,
        input.MaxNumberOfMessagesPerSecond,
      ),
    }),
    ListMessageMoveTasks: (input) => ({
      Results: this.#moveTasks.list(input.SourceArn).slice(0, input.MaxResults),
    }),
    CancelMessageMoveTask: (input) => ({
      ApproximateNumberOfMessagesMoved: this.#moveTasks.cancel(input.TaskHandle),
    }),
  };

  #queue({ QueueUrl }: { QueueUrl: string }): Queue {
    const queue = this.queueByUrl(QueueUrl);
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  async #receive(input: Input<"ReceiveMessage">, signal?: AbortSignal): Promise<unknown> {
    const queue = this.#queue(input);
    const { MaxNumberOfMessages: count, VisibilityTimeout, WaitTimeSeconds } = input;
    const wait = WaitTimeSeconds ?? queue.settings.receiveWaitSeconds;
    const visibility = VisibilityTimeout ?? queue.settings.visibilityTimeoutSeconds;
    checkRange("MaxNumberOfMessages", count, 1, 10);
    checkRange("WaitTimeSeconds", wait, 0, 20);
    checkRange("VisibilityTimeout", visibility, 0, 43_200);

    const { redrive } = queue.settings;
    const deadLetters = redrive === undefined ? undefined : this.queueByArn(redrive.deadLetterTargetArn);
    const deadline = Date.now() + wait * 1000;
    let messages = queue.receive(count, visibility, deadLetters);
    while (messages.length === 0 && Date.now() < deadline && !signal?.aborted) {
      await queue.changed(deadline - Date.now(), signal);
      if (!signal?.aborted) messages = queue.receive(count, visibility, deadLetters);
    }
    if (messages.length === 0) return {};
    const systemNames = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
    return { Messages: messages.map((each) => received(each, systemNames, input.MessageAttributeNames)) };
  }
}

function checked<Name extends Operation>(operation: Name, input: unknown): Input<Name> {
  const result = inputs[operation].safeParse(input);
  if (result.success) return result.data as Input<Name>;
  const [issue] = result.error.issues;
  const path = issue?.path ?? [];
  const parameter = path.join(".");
  const given = path.reduce<unknown>((value, key) => (value as Record<PropertyKey, unknown>)?.[key], input);
  if (given === undefined) throw missingParameter(parameter);
  throw invalidParameter(`Value for parameter ${parameter} is invalid. Reason: ${issue?.message}.`);
}

function checkRange(parameter: string, value: number, from: number, to: number): void {
  if (value >= from && value <= to) return;
  throw invalidParameter(
    `Value ${value} for parameter ${parameter} is invalid. Reason: Must be between ${from} and ${to}, if provided.`,
  );
}

function draftOf(input: z.infer<typeof message>): MessageDraft {
  return {
    body: input.MessageBody,
    attributes: input.MessageAttributes,
    traceHeader: input.MessageSystemAttributes.AWSTraceHeader?.StringValue,
    groupId: input.MessageGroupId,
    deduplicationId: input.MessageDeduplicationId,
    delaySeconds: input.DelaySeconds,
  };
}
