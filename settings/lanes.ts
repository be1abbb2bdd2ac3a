import { sha256 } from "../runtime/envelope/sha256.js";
import { type ProcessorDefinition, secretNamesOf } from "../runtime/stage/definition.js";
import type { Settings } from "./settings.js";
import type { SourceSettings } from "./sources.js";

/** A queue and the function that processes it. */
export interface Lane {
  /** Prefix of its resources' names. */
  readonly name: string;
  /** Sources whose webhooks arrive in this queue. */
  readonly sources: readonly SourceSettings[];
  /** The definition that its function gets. */
  readonly definition: ProcessorDefinition;
  /** Secrets that its function reads. */
  readonly secretNames: readonly string[];
}

/**
 * One lane for all sources that share one, and one for each source with a dedicated queue. The shared lane's function
 * knows every source, because its queue may still hold webhooks of a source that has just moved to its own.
 *
 * @param name of the shared lane, and prefix of the other lanes' names
 */
export function lanesOf(settings: Settings, name: string): Lane[] {
  const { sources } = settings;
  const shared = sources.filter(({ queue }) => queue === "shared");
  const dedicated = sources.filter(({ queue }) => queue === "dedicated");
  return [
    ...(shared.length === 0 ? [] : [{ name, sources: shared, ...knowing(settings, sources) }]),
    ...dedicated.map((source) => ({
      name: laneName(name, source.name),
      sources: [source],
      ...knowing(settings, [source]),
    })),
  ];
}

/**
 * Names of roles and functions have 64 characters at most (docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html),
 * of which `-processor-role` and what Pulumi adds take these.
 */
const mostLaneCharacters = 64 - "-processor-role-1234567".length;

/** Starts the names of a dedicated source's resources. What would be too long is shortened, with a hash to keep it apart. */
function laneName(shared: string, source: string): string {
  const whole = `${shared}-${source}`;
  if (whole.length <= mostLaneCharacters) return whole;
  const hash = sha256(source).slice(0, 8);
  return `${whole.slice(0, mostLaneCharacters - hash.length - 1)}-${hash}`;
}

/** Every secret that a function reads. */
export function allSecretNames({ sources }: Settings): string[] {
  return sources.flatMap(({ definition }) => secretNamesOf(definition));
}

/** The definition of a function for these sources. */
function knowing(
  { processor, history, queue }: Settings,
  sources: readonly SourceSettings[],
): Pick<Lane, "definition" | "secretNames"> {
  const { timeoutSeconds, concurrency, backoff } = processor;
  const definitions = sources.map(({ definition }) => definition);
  return {
    definition: {
      sources: definitions,
      timeoutSeconds,
      concurrency,
      backoff,
      maxReceiveCount: queue.maxReceiveCount,
      historyTtlDays: history.ttlDays,
      keepPayload: history.keepPayload,
      overflow: history.overflow,
    },
    secretNames: definitions.flatMap(secretNamesOf),
  };
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
