import { z } from "zod";
import {
  forwardSecretName,
  fullName,
  type JsonSchema,
  type SourceDefinition,
  type SubscriberDefinition,
} from "../../runtime/stage/definition.js";
import { readsEventType } from "../filters/filter.js";
import { processingShape } from "../processing.js";
import { type BreakerSettings, sourceBreakerSchema } from "../retries/breaker.js";
import { targetSchema } from "../targets/target.js";
import { withoutUndefined } from "../without-undefined.js";

/** Subscribers of one source. */
const mostSubscribers = 25;

/** The setting of a source that says who gets its webhooks. */
export function subscribersSchema(subscriberName: z.ZodString) {
  const { backoff, filter, schema } = processingShape;
  const subscriber = z.strictObject({
    name: subscriberName,
    /** Where its webhooks go. */
    target: targetSchema,
    /** Which of the source's webhooks it takes. All others are recorded as ignored by it. */
    filter,
    /** JSON schema of bodies, in addition to the source's. */
    schema,
    /** Replaces `processor.backoff`. */
    backoff,
    /** Replaces `processor.breaker`. */
    breaker: sourceBreakerSchema,
    /**
     * `dedicated` gives it its own queue, dead-letter queue, function and alarms, so that it cannot hold up another one.
     * `shared`: those that all such subscribers of the stage share.
     */
    queue: z.enum(["shared", "dedicated"]).default("dedicated"),
    /** Where its webhooks waited before `queue` was changed. That queue is still worked off. */
    formerQueue: z.enum(["shared", "dedicated"]).optional(),
    /** `forward`: it no longer needs the secret that its forwarded webhooks were signed with. */
    formerSecrets: z
      .array(z.enum(["forward"]))
      .min(1)
      .optional(),
    /** Gives it no new webhooks. What waits is still worked off, and it can then be deleted from the file. */
    retiring: z.boolean().default(false),
  });
  return z
    .array(subscriber)
    .min(1, "must name at least one subscriber: leave it out instead")
    .max(mostSubscribers, `must be at most ${mostSubscribers} subscribers of one source`)
    .superRefine((subscribers, context) => {
      const names = subscribers.map(({ name }) => name);
      for (const [index, name] of names.entries()) {
        const first = names.indexOf(name);
        if (first === index) continue;
        const message = `"${name}" is already the name of subscribers[${first}]`;
        context.addIssue({ code: "custom", path: [index, "name"], message });
      }
    });
}

type Subscribers = z.output<ReturnType<typeof subscribersSchema>>;

/** One who gets a source's webhooks. */
export interface SubscriberSettings {
  /** Without its source. */
  readonly name: string;
  /** What URNs, messages and the history call it: {@link fullName} of the source's key. */
  readonly key: string;
  readonly queue: "shared" | "dedicated";
  readonly changes: {
    readonly formerQueue: "shared" | "dedicated" | undefined;
    readonly formerSecrets: readonly "forward"[];
    readonly retiring: boolean;
  };
  readonly definition: SubscriberDefinition;
  /** Absent: the stage's. */
  readonly breaker?: BreakerSettings;
}

/** What a source has in common with its subscribers. */
type Owner = Pick<SourceDefinition, "name" | "signature"> & {
  readonly rememberedAs: SourceDefinition["rememberedAs"] | undefined;
  readonly eventType: SourceDefinition["eventType"] | undefined;
  readonly redact: SourceDefinition["redact"] | undefined;
  readonly keepPayload: SourceDefinition["keepPayload"] | undefined;
};

/** Subscribers in the form that lanes are made of. */
export function resolveSubscribers(subscribers: Subscribers, source: Owner): SubscriberSettings[] {
  const { name: sourceName, rememberedAs, signature, eventType, redact, keepPayload } = source;
  return subscribers.map(({ name, target, filter, schema, backoff, breaker, queue, ...changes }) => {
    const { formerQueue, formerSecrets = [], retiring } = changes;
    const key = fullName(rememberedAs ?? sourceName, name);
    return {
      name,
      key,
      queue,
      changes: { formerQueue, formerSecrets, retiring },
      definition: {
        name: fullName(sourceName, name),
        ...(rememberedAs === undefined ? {} : { rememberedAs: key }),
        source: sourceName,
        signature,
        target,
        ...withoutUndefined({
          eventType,
          backoff,
          schema: schema as JsonSchema | undefined,
          filter,
          redact,
          keepPayload,
        }),
      },
      ...withoutUndefined({ breaker }),
    };
  });
}

/** Names of those that get a source's webhooks. Undefined: the source takes its webhooks itself. */
export function takersOf(subscribers: readonly SubscriberSettings[]): string[] | undefined {
  const takers = subscribers.filter(({ changes }) => !changes.retiring).map(({ name }) => name);
  return takers.length === 0 ? undefined : takers;
}

/** A problem in the settings of subscribers, with its path in the source's. */
interface SubscriberProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

/** Problems between a source's subscribers and its other settings. */
export function subscriberProblems({
  subscribers = [],
  eventType,
  ...source
}: {
  readonly subscribers?: Subscribers | undefined;
  readonly eventType?: unknown;
  readonly forward?: unknown;
  readonly routes?: unknown;
  readonly breaker?: unknown;
}): SubscriberProblem[] {
  const isTaken = subscribers.some(({ retiring }) => !retiring);
  return [
    ...(["forward", "routes"] as const)
      .filter((setting) => isTaken && source[setting] !== undefined)
      .map((setting) => ({
        path: [setting],
        message: "has no effect with subscribers: make it the target of one",
      })),
    ...(isTaken && source.breaker !== undefined
      ? [{ path: ["breaker"], message: "has no effect with subscribers: set it for each of them" }]
      : []),
    ...subscribers.flatMap(({ filter, formerQueue, queue }, index) => [
      ...(filter !== undefined && readsEventType(filter) && eventType === undefined
        ? [
            {
              path: ["subscribers", index, "filter"],
              message: "needs eventType: it is not known where this source puts the event type",
            },
          ]
        : []),
      ...(formerQueue === queue
        ? [
            {
              path: ["subscribers", index, "formerQueue"],
              message: `must differ from queue, which is ${queue}`,
            },
          ]
        : []),
    ]),
    ...subscribers.flatMap(({ target, formerSecrets }, index) =>
      formerSecrets !== undefined && "forward" in target && target.forward.signing !== undefined
        ? [
            {
              path: ["subscribers", index, "formerSecrets"],
              message: "the subscriber still signs what it forwards",
            },
          ]
        : [],
    ),
  ];
}

/** Secrets that a subscriber needs, by its present name and by its key. */
export function subscriberSecretsOf({
  key,
  definition: { name, target },
}: SubscriberSettings): { readonly name: string; readonly key: string }[] {
  if (!("forward" in target) || target.forward.signing === undefined) return [];
  return [{ name: forwardSecretName(name), key: forwardSecretName(key) }];
}
