import { type ProcessorDefinition, secretNamesOf } from "../runtime/stage/definition.js";
import type { Settings } from "./settings.js";
import type { SourceSettings } from "./sources.js";

/** A queue with the function that works it off. */
export interface Lane {
  /** Starts the names of its resources. */
  readonly name: string;
  /** Sources whose webhooks come in here. */
  readonly sources: readonly SourceSettings[];
  /** What its function knows. */
  readonly definition: ProcessorDefinition;
  /** Secrets its function reads. */
  readonly secretNames: readonly string[];
}

/**
 * One lane for all sources that share one, and one for each that has its own. The shared lane's function knows every
 * source: what still lies in its queue of a source that has just moved out is worked off all the same.
 *
 * @param name of the shared lane; starts the names of the others
 */
export function lanesOf(settings: Settings, name: string): Lane[] {
  const { sources } = settings;
  const shared = sources.filter(({ queue }) => queue === "shared");
  const dedicated = sources.filter(({ queue }) => queue === "dedicated");
  return [
    ...(shared.length === 0 ? [] : [{ name, sources: shared, ...knowing(settings, sources) }]),
    ...dedicated.map((source) => ({
      name: `${name}-${source.name}`,
      sources: [source],
      ...knowing(settings, [source]),
    })),
  ];
}

/** Every secret that some function reads. */
export function allSecretNames({ sources }: Settings): string[] {
  return sources.flatMap(({ definition }) => secretNamesOf(definition));
}

/** A function that knows these sources. */
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

/** A value of each lane's, by the lane's name. */
export function byLane<Made extends { readonly name: string }, Value>(
  lanes: readonly Made[],
  select: (lane: Made) => Value,
): Record<string, Value> {
  return Object.fromEntries(lanes.map((lane) => [lane.name, select(lane)]));
}

/** A value of the lane that each source's webhooks come in on, by the source's name. */
export function bySource<Made extends { readonly sources: readonly SourceSettings[] }, Value>(
  lanes: readonly Made[],
  select: (lane: Made) => Value,
): Record<string, Value> {
  return Object.fromEntries(lanes.flatMap((lane) => lane.sources.map(({ name }) => [name, select(lane)])));
}
