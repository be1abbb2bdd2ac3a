import { RefusedError } from "../../command-line/command-error.js";
import type { Change, Plan } from "./changes.js";

/** What a resource holds or is, that a stage must not lose unawares. */
export type Holding = "webhooks" | "url" | "secret" | "key";

/** By Pulumi's types. The program protects the same, in a stage that protects. */
const holdings: Readonly<Record<string, Holding>> = {
  "aws:sqs/queue:Queue": "webhooks",
  "aws:dynamodb/table:Table": "webhooks",
  "aws:s3/bucket:Bucket": "webhooks",
  "aws:s3/bucketV2:BucketV2": "webhooks",
  "aws:secretsmanager/secret:Secret": "secret",
  "aws:kms/key:Key": "key",
  "webhooks:index:DataKey": "key",
  "webhooks:index:PublicAddress": "url",
  "aws:apigateway/restApi:RestApi": "url",
  "aws:apigateway/stage:Stage": "url",
  "aws:apigateway/domainName:DomainName": "url",
  "aws:apigatewayv2/api:Api": "url",
  "aws:apigatewayv2/stage:Stage": "url",
  "aws:apigatewayv2/domainName:DomainName": "url",
};

export function holdingOf({ token }: Pick<Change, "token">): Holding | undefined {
  return holdings[token];
}

/** The changes that take away what holds webhooks, opens them or is known to senders. */
export function takenAway({ changes }: Plan): Change[] {
  return changes.filter(
    (change) =>
      (change.action === "delete" || change.action === "replace") && holdingOf(change) !== undefined,
  );
}

/** Whether most of a stage would go, as when an older checkout meets a newer stage. */
export function takesMostAway({ changes, existing }: Plan): boolean {
  const gone = changes.filter(({ action }) => action === "delete" || action === "replace").length;
  return gone * 2 > existing;
}

/** What must be allowed before a plan is carried out. */
export interface Refusal {
  /** What `--allow-replace` must name: the resource's logical name, or the stack's. */
  readonly name: string;
  /** Why, and what to do first. */
  readonly text: string;
}

const howToGoOn: Readonly<Record<Holding, string>> = {
  webhooks:
    "what is in it would be lost: keep it for one more update with a `former` setting, and wait until it is empty (docs/changing-a-stage.md)",
  url: "senders would get errors: keep it for one more update with a `former` setting, until they use the new one (docs/changing-a-stage.md)",
  secret:
    "webhooks that still wait could not be verified: retire the source first (docs/changing-a-stage.md)",
  key: "what it encrypted could not be read any more: use `formerEncryption` first (docs/changing-a-stage.md)",
};

/**
 * What a plan does that is refused without being asked for by name.
 *
 * @param allowed the names that were given with `--allow-replace`
 */
export function refusalsOf(plan: Plan, stack: string, allowed: readonly string[]): Refusal[] {
  const refusals = takenAway(plan).flatMap((change): Refusal[] => {
    const holding = holdingOf(change);
    if (holding === undefined) return [];
    const deed = change.action === "delete" ? "deleted" : "replaced";
    return [
      { name: change.name, text: `${change.type} ${change.name} would be ${deed}: ${howToGoOn[holding]}` },
    ];
  });
  if (takesMostAway(plan)) {
    refusals.push({
      name: stack,
      text: `most of ${stack} would be deleted or made anew: an older checkout does that to a stage of a newer one. Check out what is deployed, or what is newer`,
    });
  }
  return refusals.filter(({ name }) => !allowed.includes(name));
}

/** @throws RefusedError for what would be lost without being allowed by name */
export function refuseLosses(plan: Plan, stack: string, allowed: readonly string[]): void {
  const refusals = refusalsOf(plan, stack, allowed);
  if (refusals.length === 0) return;
  throw new RefusedError(["nothing was done:", ...refusals.map(({ text }) => `  ${text}`)].join("\n"), {
    next: `if that is what you want, add ${refusals.map(({ name }) => `--allow-replace ${name}`).join(" ")}`,
  });
}
