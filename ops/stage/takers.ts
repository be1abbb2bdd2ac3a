import { UsageError } from "../../command-line/command-error.js";
import { unreadableSource } from "../../runtime/payload/unreadable.js";
import { fullName } from "../../runtime/stage/definition.js";
import type { StageOutputs } from "./outputs.js";

/** One who takes webhooks: a source, or a subscriber of one. */
export interface Taker {
  /** Present name of the source. */
  readonly source: string;
  /** Present name of the subscriber, without its source. Absent: it is the source itself. */
  readonly subscriber?: string;
  /** What the history and messages call it. */
  readonly rememberedAs: string;
}

/** All who take a stage's webhooks. */
export function takersOf({ operations }: Pick<StageOutputs, "operations">): Taker[] {
  return Object.entries(operations.sources).flatMap(([source, { rememberedAs = source, subscribers }]) => [
    { source, rememberedAs },
    ...Object.entries(subscribers).map(([subscriber, name]) => ({
      source,
      subscriber,
      rememberedAs: name,
    })),
  ]);
}

/** What a person calls one who takes webhooks: `stripe`, or `stripe.billing`. */
export function takerName({ source, subscriber }: Taker): string {
  return subscriber === undefined ? source : fullName(source, subscriber);
}

/** Finds the taker of an item by the name that the history has. */
export function takerOf(outputs: Pick<StageOutputs, "operations">, rememberedAs: string): Taker | undefined {
  return takersOf(outputs).find((taker) => taker.rememberedAs === rememberedAs);
}

/** The name to show for an item of the history. */
export function shownSource(outputs: Pick<StageOutputs, "operations">, rememberedAs: string): string {
  if (rememberedAs === unreadableSource) return "(unreadable)";
  const taker = takerOf(outputs, rememberedAs);
  return taker === undefined ? rememberedAs : takerName(taker);
}

/**
 * The takers that `--source` and `--subscriber` mean: those of all sources if nothing is given.
 *
 * @throws UsageError for a name that the stage does not have
 */
export function chosenTakers(
  outputs: Pick<StageOutputs, "operations">,
  { source, subscriber }: { readonly source?: string | undefined; readonly subscriber?: string | undefined },
): Taker[] {
  const all = takersOf(outputs);
  const ofSource = source === undefined ? all : all.filter((taker) => taker.source === source);
  if (ofSource.length === 0) {
    const names = Object.keys(outputs.operations.sources).join(", ");
    throw new UsageError(`--source must be a source of the stage (${names}); got "${source}"`);
  }
  if (subscriber === undefined) return ofSource;
  const ofSubscriber = ofSource.filter((taker) => taker.subscriber === subscriber);
  if (ofSubscriber.length > 0) return ofSubscriber;
  const names = ofSource.filter((taker) => taker.subscriber !== undefined).map(takerName);
  const whose = source === undefined ? "the stage" : `the source ${source}`;
  throw new UsageError(
    names.length === 0
      ? `--subscriber: ${whose} has no subscribers`
      : `--subscriber must be a subscriber of ${whose} (${names.join(", ")}); got "${subscriber}"`,
  );
}
