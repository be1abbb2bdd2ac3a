import { sha256 } from "../runtime/envelope/sha256.js";
import type {
  ProcessorDefinition,
  SourceDefinition,
  SubscriberDefinition,
} from "../runtime/stage/definition.js";
import { formerSecretNames } from "./changes/source-changes.js";
import { stageBackoff } from "./retries/backoff.js";
import { type BreakerSettings, breakerOf } from "./retries/breaker.js";
import { retriesInWords } from "./retries/horizon.js";
import type { Settings } from "./settings.js";
import { type SourceSecret, type SourceSettings, secretsOf } from "./sources.js";
import { type SubscriberSettings, subscriberSecretsOf } from "./subscribers/subscribers.js";

/** A queue and the function that processes it. */
export interface Lane {
  /** Prefix of its resources' names. */
  readonly name: string;
  /** The name in releases that named both types of queue alike. Absent if it was the same. */
  readonly formerName?: string;
  readonly type: QueueType;
  /** Sources whose webhooks arrive in this queue: none if the queue is only worked off. */
  readonly sources: readonly SourceSettings[];
  /** Subscribers whose webhooks arrive in this queue. A lane is either for sources or for subscribers. */
  readonly subscribers: readonly SubscriberSettings[];
  /** Names of the lanes that its function hands webhooks over to, by the subscribers' keys. */
  readonly handsOverTo: Readonly<Record<string, string>>;
  /** The definition that its function gets. */
  readonly definition: ProcessorDefinition;
  /** Secrets that its function reads. */
  readonly secrets: readonly SourceSecret[];
  /** Whether its function sends messages to the queue again: webhooks that wait for their targets, where no order is kept. */
  readonly sendsAgain: boolean;
  /** Whether its function leaves targets alone. */
  readonly hasBreaker: boolean;
}

type QueueType = Settings["queue"]["type"];

/**
 * One lane for all sources that share one, and one for each source with a dedicated queue. The shared lane's function
 * knows every source, because its queue may still hold webhooks of a source that has just moved to its own.
 *
 * A lane that the settings call a former one stays as it is and is worked off, but nothing new comes in.
 *
 * @param name of the shared lane, and prefix of the other lanes' names
 * @param stage what events about the pipeline call the stage
 */
export function lanesOf(settings: Settings, name: string, stage = ""): Lane[] {
  const { type, formerType } = settings.queue;
  const lanes = [
    ...lanesOfType(settings, { name, type, takesWebhooks: true }),
    ...(formerType === undefined
      ? []
      : lanesOfType(settings, { name, type: formerType, takesWebhooks: false })),
  ];
  if (settings.events === undefined) return lanes;
  const { rejectedWebhooks } = settings.alarms;
  const events = { bus: settings.events.bus, pipeline: name, stage, rejectedWebhooks };
  return lanes.map((lane) => ({ ...lane, definition: { ...lane.definition, events } }));
}

function lanesOfType(
  settings: Settings,
  {
    name,
    type,
    takesWebhooks,
  }: { readonly name: string; readonly type: QueueType; readonly takesWebhooks: boolean },
): Lane[] {
  const { sources } = settings;
  const isIn = (kind: SourceSettings["queue"]) => (source: SourceSettings) =>
    source.queue === kind || source.changes.formerQueue === kind;
  const comesIn = (kind: SourceSettings["queue"]) => (source: SourceSettings) =>
    takesWebhooks && source.queue === kind && !source.changes.retiring;
  const named = (plain: string) => ({ ...laneName(plain, type, settings.queue), type });
  return [
    ...(sources.some(isIn("shared"))
      ? [
          {
            ...named(name),
            sources: sources.filter(comesIn("shared")),
            ...knowing(settings, { name, type }, sources),
          },
        ]
      : []),
    ...sources.filter(isIn("dedicated")).map((source) => ({
      ...named(`${name}-${source.key}`),
      sources: [source].filter(comesIn("dedicated")),
      ...knowing(settings, { name, type }, [source]),
    })),
    ...subscriberLanesOfType(settings, { name, type, takesWebhooks }),
  ];
}

/**
 * The same for subscribers: one lane for all that share one, and one for each of the others. A retiring source hands over
 * what it still has, so its subscribers' lanes may go only after its own.
 */
function subscriberLanesOfType(
  settings: Settings,
  {
    name,
    type,
    takesWebhooks,
  }: { readonly name: string; readonly type: QueueType; readonly takesWebhooks: boolean },
): Lane[] {
  const all = settings.sources.flatMap(({ subscribers, changes }) =>
    subscribers.map((subscriber) => ({
      subscriber,
      isTaking: takesWebhooks && !changes.retiring && !subscriber.changes.retiring,
    })),
  );
  const lane = (kind: SubscriberSettings["queue"], plain: string, whole: typeof all): Lane => {
    const { known, ...breakers } = withBreakers(
      whole.map(({ subscriber }) => subscriber),
      settings,
      type,
    );
    return {
      name: laneName(plain, type, settings.queue).name,
      type,
      sources: [],
      subscribers: whole
        .filter(({ subscriber, isTaking }) => isTaking && subscriber.queue === kind)
        .map(({ subscriber }) => subscriber),
      handsOverTo: {},
      ...breakers,
      definition: { ...stageDefinition(settings, type), sources: [], subscribers: known },
      secrets: whole.flatMap(({ subscriber }) => subscriberSecretsOf(subscriber)),
    };
  };
  const isIn = (kind: SubscriberSettings["queue"]) => (each: (typeof all)[number]) =>
    each.subscriber.queue === kind || each.subscriber.changes.formerQueue === kind;
  return [
    ...(all.some(isIn("shared")) ? [lane("shared", plainLane(name, "shared"), all)] : []),
    ...all
      .filter(isIn("dedicated"))
      .map((each) => lane("dedicated", plainLane(name, "dedicated", each.subscriber), [each])),
  ];
}

/** No source's or subscriber's name has an underscore, so no other lane has such a name. */
function plainLane(name: string, kind: "shared"): string;
function plainLane(name: string, kind: SubscriberSettings["queue"], subscriber: SubscriberSettings): string;
function plainLane(name: string, kind: SubscriberSettings["queue"], subscriber?: SubscriberSettings): string {
  if (kind === "shared" || subscriber === undefined) return `${name}_subscribers`;
  return `${name}-${subscriber.key.replace(".", "_to_")}`;
}

/**
 * AWS cannot turn a queue into one of the other type. For both to exist at the same time, they need different names. No
 * source's name has an underscore.
 */
function laneName(
  plain: string,
  type: QueueType,
  { formerType }: Settings["queue"],
): Pick<Lane, "name" | "formerName"> {
  if (type === "standard") return { name: shortened(plain, mostLaneCharacters) };
  const mark = "_fifo";
  // While there is a standard queue to be worked off, the plain name is its own.
  const formerName = formerType === "standard" ? {} : { formerName: shortened(plain, mostLaneCharacters) };
  return { name: `${shortened(plain, mostLaneCharacters - mark.length)}${mark}`, ...formerName };
}

/**
 * Names of roles and functions have 64 characters at most (docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html),
 * of which `-processor-role` and what Pulumi adds take these.
 */
const mostLaneCharacters = 64 - "-processor-role-1234567".length;

/** A name that fits. What would be too long ends in a hash that keeps it apart. */
function shortened(whole: string, most: number): string {
  if (whole.length <= most) return whole;
  const hash = sha256(whole).slice(0, 8);
  return `${whole.slice(0, most - hash.length - 1)}-${hash}`;
}

/** Every secret that a function reads or has read, by the keys of the sources and subscribers. */
export function allSecrets({ sources }: Settings): { readonly key: string; readonly isFormer: boolean }[] {
  return sources.flatMap((source) => [
    ...secretsOf(source).map(({ key }) => ({ key, isFormer: source.changes.retiring })),
    ...formerSecretNames(source).map((key) => ({ key, isFormer: true })),
    ...source.subscribers.flatMap((subscriber) => [
      ...subscriberSecretsOf(subscriber).map(({ key }) => ({
        key,
        isFormer: source.changes.retiring || subscriber.changes.retiring,
      })),
      ...formerSecretNames(subscriber).map((key) => ({ key, isFormer: true })),
    ]),
  ]);
}

/** The definition of a function for these sources. */
function knowing(
  settings: Settings,
  { name, type }: { readonly name: string; readonly type: QueueType },
  sources: readonly SourceSettings[],
): Pick<Lane, "definition" | "secrets" | "subscribers" | "handsOverTo" | "sendsAgain" | "hasBreaker"> {
  const takers = sources.flatMap(({ subscribers }) => subscribers.filter(({ changes }) => !changes.retiring));
  const { known, ...breakers } = withBreakers(sources, settings, type);
  return {
    ...breakers,
    subscribers: [],
    handsOverTo: Object.fromEntries(
      takers.map((subscriber) => [
        subscriber.key,
        laneName(plainLane(name, subscriber.queue, subscriber), settings.queue.type, settings.queue).name,
      ]),
    ),
    definition: { sources: known, ...stageDefinition(settings, type) },
    secrets: sources.flatMap(secretsOf),
  };
}

/**
 * The definitions of sources or subscribers, each with its breaker. One that only hands webhooks over has none: it calls nothing
 * that could be down for it alone.
 */
function withBreakers<Definition extends SourceDefinition | SubscriberDefinition>(
  takers: readonly { readonly definition: Definition; readonly breaker?: BreakerSettings }[],
  { processor, queue }: Settings,
  type: QueueType,
): Pick<Lane, "sendsAgain" | "hasBreaker"> & { readonly known: Definition[] } {
  const { maxReceiveCount } = queue;
  const ofStage = stageBackoff(processor.backoff, { type, maxReceiveCount });
  const known = takers.map(({ definition, breaker = processor.breaker }) => {
    if ("subscribers" in definition) return definition;
    const retries = { backoff: definition.backoff ?? ofStage, maxReceiveCount };
    const resolved = breakerOf(breaker, retries, { ...processor, ...queue }, queue.retentionDays);
    return resolved === undefined ? definition : { ...definition, breaker: resolved };
  });
  const hasBreaker = known.some(({ breaker }) => breaker !== undefined);
  return { known, hasBreaker, sendsAgain: hasBreaker && type === "standard" };
}

/** What all functions of a stage are told that work off queues of a type. */
function stageDefinition(
  { processor, history, queue }: Settings,
  type: QueueType,
): Omit<ProcessorDefinition, "sources"> {
  const { timeoutSeconds, concurrency } = processor;
  const { maxReceiveCount } = queue;
  return {
    timeoutSeconds,
    concurrency,
    backoff: stageBackoff(processor.backoff, { type, maxReceiveCount }),
    maxReceiveCount,
    historyTtlDays: history.ttlDays,
    keepPayload: history.keepPayload,
    overflow: history.overflow,
    ...(processor.metricsBySource ? {} : { metricsBySource: false }),
  };
}

/** How often and for how long a lane tries a webhook that fails, and which of its sources or subscribers do otherwise. */
export function retriesOf({
  definition,
  sources,
  subscribers,
}: Pick<Lane, "definition" | "sources" | "subscribers">): string {
  const { maxReceiveCount } = definition;
  const taking = [...sources, ...subscribers].map((taker) => taker.definition);
  // A queue that is only worked off may still hold webhooks of each source or subscriber that its function knows.
  const known = taking.length > 0 ? taking : [...definition.sources, ...(definition.subscribers ?? [])];
  const inWords = ({ backoff = definition.backoff }: Pick<SourceSettings["definition"], "backoff">) =>
    retriesInWords({ backoff, maxReceiveCount });
  const [only, ...others] = known;
  if (only !== undefined && others.length === 0) return inWords(only);
  const usual = inWords({});
  const exceptions = known
    .filter((source) => inWords(source) !== usual)
    .map((source) => `${source.name}: ${inWords(source)}`);
  return exceptions.length === 0 ? usual : `${usual} (${exceptions.join(", ")})`;
}

/** A value for each lane, by the lane's name. */
export function byLane<Made extends { readonly name: string }, Value>(
  lanes: readonly Made[],
  select: (lane: Made) => Value,
): Record<string, Value> {
  return Object.fromEntries(lanes.map((lane) => [lane.name, select(lane)]));
}

/** A value for each source, by its name: that of the source's lane. */
export function bySource<Made extends { readonly sources: readonly SourceSettings[] }, Value>(
  lanes: readonly Made[],
  select: (lane: Made) => Value,
): Record<string, Value> {
  return Object.fromEntries(lanes.flatMap((lane) => lane.sources.map(({ name }) => [name, select(lane)])));
}
