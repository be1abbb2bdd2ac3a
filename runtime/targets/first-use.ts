import type { OverflowStore } from "../payload/overflow.js";
import type { WebhookHandler } from "../routing/webhook-handler.js";
import type { PayloadKeeping, SourceDefinition } from "../stage/definition.js";
import type { TargetKind, TargetOf } from "../stage/targets.js";
import type { ClaimCheckBucket, OpenTarget } from "./send.js";

/** Loads what opens a kind of target. A stage's bundle has the kinds that it uses. */
export type TargetModules = {
  readonly [Kind in TargetKind]?: () => Promise<OpenTarget<TargetOf<Kind>>>;
};

/** What the targets need from the function. */
export interface TargetDependencies {
  readonly targetModules?: TargetModules | undefined;
  /** What the history keeps of payloads where a source does not say. */
  readonly keepPayload?: PayloadKeeping | undefined;
  /** Takes what is too large for a target. */
  readonly overflow?: OverflowStore | undefined;
}

/** One whose webhooks may go to an AWS target. */
export interface TargetTaker
  extends Pick<SourceDefinition, "name" | "signature" | "redact" | "keepPayload" | "target"> {}

/**
 * What hands webhooks to AWS targets, by the names of those who have one. Module and client are loaded for the first webhook, to keep them out of cold
 * starts.
 *
 * @throws Error for a target that the bundle does not contain
 */
export function targetsOnFirstUse(
  takers: readonly TargetTaker[],
  { targetModules = {}, keepPayload, overflow }: TargetDependencies,
): Record<string, WebhookHandler> {
  const bucket = claimCheckBucket(overflow);
  return Object.fromEntries(
    takers.flatMap((taker) => {
      const { target } = taker;
      if (target === undefined) return [];
      const load = targetModules[target.kind] as (() => Promise<OpenTarget<typeof target>>) | undefined;
      if (load === undefined) {
        throw new Error(
          `the bundle does not contain the target ${target.kind} of ${taker.name}: deploy the function with this stack's program`,
        );
      }
      const context = { source: { ...taker, keepPayload: taker.keepPayload ?? keepPayload }, bucket };
      let opened: Promise<WebhookHandler> | undefined;
      const hand: WebhookHandler = async (webhook, handlerContext) => {
        opened ??= load().then((open) => open(target, context));
        return (await opened)(webhook, handlerContext);
      };
      return [[taker.name, hand] as const];
    }),
  );
}

/** The overflow bucket, if it takes anything new. */
function claimCheckBucket(overflow: OverflowStore | undefined): ClaimCheckBucket | undefined {
  if (overflow?.bucket === undefined || overflow.readOnly) return undefined;
  return { name: overflow.bucket, put: (key, bytes) => overflow.put(key, bytes) };
}
