import * as pulumi from "@pulumi/pulumi";
import type { Locator } from "../runtime/envelope/locator.js";
import type { SignatureDefinition } from "../runtime/signatures/definition.js";
import type { EventIdLocator } from "../runtime/stage/definition.js";
import type { Lane } from "../settings/lanes.js";
import type { Settings } from "../settings/settings.js";

/**
 * What an operator's command has to know of a stage in order to work on it. Only what AWS makes is an output, so that a preview of
 * a change knows the rest.
 */
export interface Operations {
  /** By the names of the lanes. */
  readonly lanes: { readonly [lane: string]: OperatedLane };
  /** By the names of the sources. */
  readonly sources: { readonly [source: string]: OperatedSource };
  /** Where payloads are that are too large for the table, if the stage has such a bucket. */
  readonly overflowBucket?: pulumi.Output<string>;
  /** The source whose webhooks the stage sends itself, if it has a canary. */
  readonly canary?: string;
  /** How long the history keeps a webhook, in days. */
  readonly historyTtlDays: number;
  /** The key that encrypts the secrets. */
  readonly keyArn: pulumi.Output<string>;
  /** The key that encrypts queues, table and bucket, if the stage has one for them. */
  readonly dataKeyArn?: pulumi.Output<string>;
}

/** A queue with its function. */
export interface OperatedLane {
  /** Name of the function that processes the queue. */
  readonly function: pulumi.Output<string>;
  /** Name of the function's log group. */
  readonly logGroup: pulumi.Output<string>;
  /** Id (UUID) of the event source mapping that gives it the queue's webhooks. */
  readonly eventSourceMapping: pulumi.Output<string>;
  readonly type: "standard" | "fifo";
  /** Deliveries after which a webhook goes to the dead-letter queue. */
  readonly maxReceiveCount: number;
  /** Sources whose webhooks arrive in the queue. */
  readonly sources: readonly string[];
  /** Full names of the subscribers whose webhooks arrive in the queue. */
  readonly subscribers: readonly string[];
  /** Those of both that the function counts by themselves, each outcome as a metric of its own. */
  readonly countedBySource: readonly string[];
  /** Sources of which the function also counts what arrives, because some is expected. */
  readonly expected: readonly string[];
}

/** How a source's webhooks are made, and who gets them. */
export interface OperatedSource {
  /** Name of the provider's file; absent for a scheme of one's own. */
  readonly provider?: string;
  readonly signature: SignatureDefinition;
  readonly eventId: readonly EventIdLocator[];
  readonly eventType?: Locator;
  /** The name that the history has for it, if it is another one. */
  readonly rememberedAs?: string;
  /**
   * On a FIFO queue of a REST API: the value that names a webhook's group, `""` if all of the source's are one. Absent: the group is
   * called like the source.
   */
  readonly orderBy?: string;
  /** What the table keeps of payloads. */
  readonly keepPayload: Settings["history"]["keepPayload"];
  /** The names of its subscribers, with the names that the history has for them. */
  readonly subscribers: { readonly [subscriber: string]: string };
}

interface Made {
  readonly described: readonly Lane[];
  readonly lanes: readonly {
    readonly name: string;
    readonly processor: {
      readonly name: pulumi.Output<string>;
      readonly loggingConfig: pulumi.Output<{ readonly logGroup: string }>;
    };
    readonly eventSourceMapping: { readonly id: pulumi.Output<string> };
  }[];
  readonly overflowBucket: pulumi.Output<string> | undefined;
  readonly keyArn: pulumi.Output<string>;
  readonly dataKeyArn: pulumi.Output<string> | undefined;
  /** The settings of the sources are secret, so what is told of them is too. */
  readonly areSecret: boolean;
}

export function operationsOf(
  settings: Settings,
  { described, lanes, overflowBucket, keyArn, dataKeyArn, areSecret }: Made,
): Operations | pulumi.Output<pulumi.Unwrap<Operations>> {
  const madeByName = new Map(lanes.map((lane) => [lane.name, lane]));
  const operated = Object.fromEntries(
    described.flatMap(({ name, type, definition, sources, subscribers }): [string, OperatedLane][] => {
      const made = madeByName.get(name);
      if (made === undefined) return [];
      const namesOfSources = sources.map((source) => source.name);
      const namesOfSubscribers = subscribers.map((subscriber) => subscriber.definition.name);
      const expected = definition.sources.flatMap((each) => (each.expected === true ? [each.name] : []));
      const { metricsBySource = true } = definition;
      return [
        [
          name,
          {
            function: made.processor.name,
            logGroup: made.processor.loggingConfig.apply(({ logGroup }) => logGroup),
            eventSourceMapping: made.eventSourceMapping.id,
            type,
            maxReceiveCount: definition.maxReceiveCount,
            sources: namesOfSources,
            subscribers: namesOfSubscribers,
            countedBySource: metricsBySource ? [...namesOfSources, ...namesOfSubscribers] : expected,
            expected,
          },
        ],
      ];
    }),
  );
  const known = Object.fromEntries(
    settings.sources.map((source) => {
      const lane = described.find(({ sources }) => sources.some(({ name }) => name === source.name));
      return [source.name, sourceOf(source, settings, lane?.type === "fifo")];
    }),
  );
  const operations: Operations = {
    lanes: operated,
    sources: known,
    ...(overflowBucket === undefined ? {} : { overflowBucket }),
    ...(settings.alarms.canary === undefined ? {} : { canary: settings.alarms.canary.source }),
    historyTtlDays: settings.history.ttlDays,
    keyArn,
    ...(dataKeyArn === undefined ? {} : { dataKeyArn }),
  };
  // As a whole: Pulumi hides an output only if all of it is secret.
  return areSecret ? pulumi.secret(operations) : operations;
}

function sourceOf(
  { provider, definition, subscribers, ingest }: Settings["sources"][number],
  { history, api }: Settings,
  isOrdered: boolean,
): OperatedSource {
  const { signature, eventId, eventType, rememberedAs, keepPayload = history.keepPayload } = definition;
  return {
    ...(provider === undefined ? {} : { provider }),
    signature,
    eventId,
    ...(eventType === undefined ? {} : { eventType }),
    ...(rememberedAs === undefined ? {} : { rememberedAs }),
    ...(isOrdered && api.kind === "rest" ? { orderBy: ingest.orderBy ?? "" } : {}),
    keepPayload,
    subscribers: Object.fromEntries(
      subscribers.map((subscriber) => [
        subscriber.name,
        subscriber.definition.rememberedAs ?? subscriber.definition.name,
      ]),
    ),
  };
}
