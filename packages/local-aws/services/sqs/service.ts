import { z } from "zod";
import { checkEntries, eachEntry, queueAttributes, received, sent } from "./answers.js";
import { checkAttributeNames, messageSystemAttributeNames, queueAttributeNames } from "./attribute-names.js";
import { batchError, invalidParameter, missingParameter, queueDoesNotExist, SqsError } from "./errors.js";
import {
  checkFifoIdentifiers,
  checkIdentifier,
  type MessageDraft,
  notForThisQueueType,
  sizeBytes,
} from "./message.js";
import { MoveTasks, mostListedTasks } from "./move-tasks.js";
import type { Queue } from "./queue.js";

/** Sum of the message sizes in one batch (AWS fact 3.2). */
const maximumBatchBytes = 1_048_576;

/** Pause between two purges of a queue that SQS asks for (AWS fact 3.21). */
const purgeIntervalSeconds = 60;

const attribute = z.object({
  DataType: z.string(),
  StringValue: z.string().optional(),
  BinaryValue: z.string().optional(),
  StringListValues: z.array(z.unknown()).optional(),
  BinaryListValues: z.array(z.unknown()).optional(),
});
const attributes = z.record(z.string(), attribute).default({});
const message = z.object({
  MessageBody: z.string(),
  DelaySeconds: z.int().optional(),
  MessageAttributes: attributes,
  MessageSystemAttributes: attributes,
  MessageGroupId: z.string().optional(),
  MessageDeduplicationId: z.string().optional(),
});
const onQueue = z.object({ QueueUrl: z.string() });
const names = z.array(z.string()).default([]);
const paged = { MaxResults: z.int().optional(), NextToken: z.string().optional() };
const batchOf = <Entry extends z.ZodRawShape>(entry: z.ZodObject<Entry>) =>
  onQueue.extend({ Entries: z.array(entry.extend({ Id: z.string() })) });

const inputs = {
  SendMessage: onQueue.extend(message.shape),
  SendMessageBatch: batchOf(message),
  ReceiveMessage: onQueue.extend({
    MaxNumberOfMessages: z.int().default(1),
    VisibilityTimeout: z.int().optional(),
    WaitTimeSeconds: z.int().optional(),
    ReceiveRequestAttemptId: z.string().optional(),
    AttributeNames: names,
    MessageSystemAttributeNames: names,
    MessageAttributeNames: names,
  }),
  DeleteMessage: onQueue.extend({ ReceiptHandle: z.string() }),
  DeleteMessageBatch: batchOf(z.object({ ReceiptHandle: z.string() })),
  ChangeMessageVisibility: onQueue.extend({
    ReceiptHandle: z.string(),
    VisibilityTimeout: z.int(),
  }),
  ChangeMessageVisibilityBatch: batchOf(z.object({ ReceiptHandle: z.string(), VisibilityTimeout: z.int() })),
  GetQueueAttributes: onQueue.extend({ AttributeNames: names }),
  GetQueueUrl: z.object({ QueueName: z.string(), QueueOwnerAWSAccountId: z.string().optional() }),
  ListQueues: z.object({ QueueNamePrefix: z.string().default(""), ...paged }),
  ListDeadLetterSourceQueues: onQueue.extend(paged),
  PurgeQueue: onQueue,
  StartMessageMoveTask: z.object({
    SourceArn: z.string(),
    DestinationArn: z.string().optional(),
    MaxNumberOfMessagesPerSecond: z.int().optional(),
  }),
  ListMessageMoveTasks: z.object({ SourceArn: z.string(), MaxResults: z.int().default(1) }),
  CancelMessageMoveTask: z.object({ TaskHandle: z.string() }),
} as const;

type Operation = keyof typeof inputs;
type Input<Name extends Operation> = z.infer<(typeof inputs)[Name]>;
type Handlers = { [Name in Operation]: (input: Input<Name>, signal?: AbortSignal) => unknown };

/** The operations of SQS that this machine has. */
export const sqsOperations: readonly string[] = Object.keys(inputs);

/** Whether it is one of them; queues themselves come from the program. */
export function isSqsOperation(name: string): name is Operation {
  return Object.hasOwn(inputs, name);
}

/** SQS over the queues of one stack, in the shapes of the JSON protocol. Refusals are thrown as SqsError. */
export class SqsService {
  readonly #queues = new Map<string, Queue>();
  readonly #moveTasks = new MoveTasks((arn) => this.queueByArn(arn), this.#queues);
  /** Epoch milliseconds of each queue's last purge. */
  readonly #purges = new Map<Queue, number>();

  /** The program's own queues come first: one of another account may have the same name. */
  add(queue: Queue): void {
    const { name, arn } = queue.settings;
    this.#queues.set(this.#queues.has(name) ? arn : name, queue);
  }

  queues(): Queue[] {
    return [...this.#queues.values()];
  }

  queueByArn(arn: string): Queue | undefined {
    return this.queues().find(({ settings }) => settings.arn === arn);
  }

  /** A queue URL names account and queue in its path; the host does not matter to SQS. A bare name will do as well. */
  queueByUrl(url: string): Queue | undefined {
    const [account, name = ""] = url.split("/").slice(-2);
    if (name === "") return this.#queues.get(url);
    return this.queues().find(({ settings }) => settings.url.endsWith(`/${account}/${name}`));
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
      checkEntries(input.Entries);
      if (queue.settings.fifo) checkFifoBatch(input.Entries, queue);
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
      checkEntries(input.Entries);
      return eachEntry(input.Entries, ({ ReceiptHandle }) => queue.delete(ReceiptHandle));
    },
    ChangeMessageVisibility: (input) =>
      this.#queue(input).changeVisibility(input.ReceiptHandle, input.VisibilityTimeout),
    ChangeMessageVisibilityBatch: (input) => {
      const queue = this.#queue(input);
      checkEntries(input.Entries);
      return eachEntry(input.Entries, (entry) =>
        queue.changeVisibility(entry.ReceiptHandle, entry.VisibilityTimeout),
      );
    },
    GetQueueAttributes: (input) => {
      const all = queueAttributes(this.#queue(input));
      checkAttributeNames(input.AttributeNames, queueAttributeNames);
      const wanted = (name: string) =>
        input.AttributeNames.includes("All") || input.AttributeNames.includes(name);
      return { Attributes: Object.fromEntries(Object.entries(all).filter(([name]) => wanted(name))) };
    },
    GetQueueUrl: ({ QueueName, QueueOwnerAWSAccountId }) => {
      const { arn, url } = this.#queue({ QueueUrl: QueueName }).settings;
      if (QueueOwnerAWSAccountId !== undefined && arn.split(":")[4] !== QueueOwnerAWSAccountId) {
        throw queueDoesNotExist();
      }
      return { QueueUrl: url };
    },
    ListQueues: ({ QueueNamePrefix, ...page }) => {
      const named = this.queues().filter(({ settings }) => settings.name.startsWith(QueueNamePrefix));
      const { urls, NextToken } = pageOf(named, page);
      return { QueueUrls: urls, NextToken };
    },
    ListDeadLetterSourceQueues: (input) => {
      const { arn } = this.#queue(input).settings;
      const sources = this.queues().filter(({ settings }) => settings.redrive?.deadLetterTargetArn === arn);
      const { urls, NextToken } = pageOf(sources, input);
      return { queueUrls: urls, NextToken };
    },
    PurgeQueue: (input) => this.#purge(this.#queue(input)),
    StartMessageMoveTask: (input) => ({
      TaskHandle: this.#moveTasks.start(
        input.SourceArn,
        input.DestinationArn,
        input.MaxNumberOfMessagesPerSecond,
      ),
    }),
    ListMessageMoveTasks: ({ SourceArn, MaxResults }) => {
      checkRange("MaxResults", MaxResults, 1, mostListedTasks);
      return { Results: this.#moveTasks.list(SourceArn).slice(0, MaxResults) };
    },
    CancelMessageMoveTask: (input) => ({
      ApproximateNumberOfMessagesMoved: this.#moveTasks.cancel(input.TaskHandle),
    }),
  };

  #queue({ QueueUrl }: { QueueUrl: string }): Queue {
    const queue = this.queueByUrl(QueueUrl);
    if (queue === undefined) throw queueDoesNotExist();
    return queue;
  }

  #purge(queue: Queue): void {
    const { name } = queue.settings;
    const last = this.#purges.get(queue);
    if (last !== undefined && Date.now() - last < purgeIntervalSeconds * 1000) {
      throw new SqsError(
        "AWS.SimpleQueueService.PurgeQueueInProgress",
        `Only one PurgeQueue operation on ${name} is allowed every ${purgeIntervalSeconds} seconds.`,
        "PurgeQueueInProgress",
        403,
      );
    }
    this.#purges.set(queue, Date.now());
    queue.purge();
  }

  async #receive(input: Input<"ReceiveMessage">, signal?: AbortSignal): Promise<unknown> {
    const queue = this.#queue(input);
    const { MaxNumberOfMessages: count, VisibilityTimeout, WaitTimeSeconds } = input;
    const wait = WaitTimeSeconds ?? queue.settings.receiveWaitSeconds;
    const visibility = VisibilityTimeout ?? queue.settings.visibilityTimeoutSeconds;
    checkRange("MaxNumberOfMessages", count, 1, 10);
    checkRange("WaitTimeSeconds", wait, 0, 20);
    checkRange("VisibilityTimeout", visibility, 0, 43_200);
    checkAttemptId(input.ReceiveRequestAttemptId, queue);
    const systemNames = [...input.AttributeNames, ...input.MessageSystemAttributeNames];
    checkAttributeNames(systemNames, messageSystemAttributeNames);
    if (wait === 0 && !queue.settings.fifo && queue.isFull()) throw tooManyInFlight();

    const { redrive } = queue.settings;
    const deadLetters = redrive === undefined ? undefined : this.queueByArn(redrive.deadLetterTargetArn);
    const deadline = Date.now() + wait * 1000;
    let messages = queue.receive(count, visibility, deadLetters);
    while (messages.length === 0 && Date.now() < deadline && !signal?.aborted) {
      await queue.changed(deadline - Date.now(), signal);
      if (!signal?.aborted) messages = queue.receive(count, visibility, deadLetters);
    }
    if (messages.length === 0) return {};
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
  if (given === undefined || given === null) throw missingParameter(parameter);
  throw invalidParameter(`Value for parameter ${parameter} is invalid. Reason: ${issue?.message}.`);
}

function checkRange(parameter: string, value: number, from: number, to: number): void {
  if (value >= from && value <= to) return;
  throw invalidParameter(
    `Value ${value} for parameter ${parameter} is invalid. Reason: Must be between ${from} and ${to}, if provided.`,
  );
}

/** A batch for a FIFO queue is refused as a whole for one entry without its ids (AWS fact 3.20). */
function checkFifoBatch(entries: readonly z.infer<typeof message>[], { settings }: Queue): void {
  for (const entry of entries) {
    try {
      checkFifoIdentifiers(draftOf(entry), settings);
    } catch (error) {
      throw invalidParameter((error as Error).message);
    }
  }
}

/**
 * A receive that is repeated under its attempt id gets the same messages from a FIFO queue on AWS. It would be another
 * receive here, so it is refused rather than misunderstood.
 */
function checkAttemptId(id: string | undefined, { settings }: Queue): void {
  if (id === undefined) return;
  checkIdentifier("ReceiveRequestAttemptId", id);
  if (!settings.fifo) throw notForThisQueueType("ReceiveRequestAttemptId", id);
  throw new SqsError(
    "AWS.SimpleQueueService.UnsupportedOperation",
    "The local SQS does not repeat receives: leave ReceiveRequestAttemptId out.",
    "UnsupportedOperation",
  );
}

function tooManyInFlight(): SqsError {
  return new SqsError(
    "OverLimit",
    "Too many messages are in flight: delete some before receiving more, or poll with WaitTimeSeconds.",
    "OverLimit",
    403,
  );
}

/** A part of a list of queues. Only a caller that says how many it wants gets a token for the next ones. */
function pageOf(
  queues: readonly Queue[],
  { MaxResults, NextToken }: { MaxResults?: number | undefined; NextToken?: string | undefined },
): { urls: string[]; NextToken?: string } {
  const count = MaxResults ?? 1_000;
  checkRange("MaxResults", count, 1, 1_000);
  const position = NextToken === undefined ? "0" : Buffer.from(NextToken, "base64").toString();
  if (!/^\d+$/.test(position)) throw invalidParameter("Value for parameter NextToken is invalid.");
  const start = Number(position);
  const urls = queues.slice(start, start + count).map(({ settings }) => settings.url);
  if (MaxResults === undefined || start + count >= queues.length) return { urls };
  return { urls, NextToken: Buffer.from(String(start + count)).toString("base64") };
}

function draftOf(input: z.infer<typeof message>): MessageDraft {
  return {
    body: input.MessageBody,
    attributes: input.MessageAttributes,
    systemAttributes: input.MessageSystemAttributes,
    groupId: input.MessageGroupId,
    deduplicationId: input.MessageDeduplicationId,
    delaySeconds: input.DelaySeconds,
  };
}
