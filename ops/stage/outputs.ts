import { z } from "zod";
import { CommandError } from "../../command-line/command-error.js";
import type { Locator } from "../../runtime/envelope/locator.js";
import type { SignatureDefinition } from "../../runtime/signatures/definition.js";
import type { EventIdLocator } from "../../runtime/stage/definition.js";

const byName = z.record(z.string(), z.string());

const lane = z.object({
  /** Name of the function that processes the queue. */
  function: z.string(),
  /** Name of the function's log group. */
  logGroup: z.string(),
  /** Id of the event source mapping that gives it the queue's webhooks. */
  eventSourceMapping: z.string(),
  type: z.enum(["standard", "fifo"]),
  /** Deliveries after which a webhook goes to the dead-letter queue. */
  maxReceiveCount: z.number(),
  sources: z.array(z.string()),
  /** Full names of subscribers: `<source>.<subscriber>`. */
  subscribers: z.array(z.string()),
});

/** What the program itself has written, and checked when it read the settings. */
const definition = <Value>() => z.custom<Value>((value) => typeof value === "object" && value !== null);

const isText = (value: unknown) => typeof value === "string";
const isTexts = (value: unknown) => Array.isArray(value) && value.every(isText);

const source = z.object({
  /** Name of the provider's file; absent for a scheme of one's own. */
  provider: z.string().optional(),
  signature: definition<SignatureDefinition>(),
  eventId: z.array(z.custom<EventIdLocator>((value) => isText(value) || isTexts(value))),
  eventType: z.custom<Locator>(isText).optional(),
  /** The name that the history has for it, if it is another one. */
  rememberedAs: z.string().optional(),
  /**
   * On a FIFO queue of a REST API: the value that names a webhook's group, `""` if all of the source's are one. Absent: the group is
   * called like the source.
   */
  orderBy: z.string().optional(),
  keepPayload: z.enum(["all", "none"]),
  /** Names of its subscribers, with those that the history has for them. */
  subscribers: byName,
});

export type OperatedLane = z.output<typeof lane>;
export type OperatedSource = z.output<typeof source>;

/** The outputs of a stage that its operators need. */
const outputsSchema = z.object({
  /** The URL of each source. */
  endpoints: byName,
  secretNames: byName,
  /** By the names of the lanes. */
  queueUrls: byName,
  deadLetterQueueUrls: byName,
  historyTable: z.string(),
  alarmTopicArn: z.string().regex(/^arn:[a-z-]+:sns:[a-z0-9-]+:\d{12}:/, "must be the ARN of a topic"),
  /** The topic of the alarms that page, if they have one of their own. */
  pageTopicArn: z.string().optional(),
  operations: z.object({
    /** By the names of the lanes. */
    lanes: z.record(z.string(), lane),
    /** By the names of the sources. */
    sources: z.record(z.string(), source),
    /** The source whose webhooks the stage sends itself, if it has a canary. */
    canary: z.string().optional(),
    /** Where payloads are that are too large for the table. */
    overflowBucket: z.string().optional(),
    /** The key that encrypts the secrets. */
    keyArn: z.string(),
    /** The key that encrypts queues, table and bucket, if the stage has one for them. */
    dataKeyArn: z.string().optional(),
  }),
});

export type StageOutputs = z.output<typeof outputsSchema>;

/**
 * Reads a stage's outputs.
 *
 * @param origin where they come from, for the message
 * @throws CommandError that names each output that is missing or has another form
 */
export function readOutputs(value: unknown, origin: string): StageOutputs {
  const result = outputsSchema.safeParse(value);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `  ${path.join(".") || "it"}: ${message}`);
  throw new CommandError(
    [`the outputs of ${origin} are not those of a webhook pipeline:`, ...problems].join("\n"),
    {
      next: "deploy the stage with this checkout (pulumi up), or check out what is deployed",
    },
  );
}
