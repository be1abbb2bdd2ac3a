import type { ConditionKey } from "local-aws";

/** A call to AWS, and what came back. */
export interface AwsCall {
  /** As it stands in the signature: `monitoring` for CloudWatch. */
  readonly service: string;
  readonly region: string;
  readonly method: string;
  /** With its query. */
  readonly path: string;
  /** The operation, where a header names it. */
  readonly target: string | undefined;
  readonly body: string;
  readonly answer: string;
}

/** What a call says, from its JSON or its query. */
export type Input = Readonly<Record<string, unknown>>;

export type Context = Readonly<Partial<Record<ConditionKey, string>>>;

/** A permission that AWS asks for. */
export interface NeededAccess {
  /** `sqs:CreateQueue` */
  readonly action: string;
  readonly resource: string;
  /** What conditions may look at. */
  readonly context: Context;
}

/** The tag by which a stage's resources are known that have no name. */
const stageTag = "stage";

/** What earlier calls told. */
export class Known {
  readonly #stageOf = new Map<string, string>();
  /** Functions by their event source mappings' ids. */
  readonly functionOf = new Map<string, string>();

  constructor(readonly account: string) {}

  /** Remembers a resource's tag. */
  tagged(arn: string, tags: unknown): void {
    const stage = stageIn(tags);
    if (stage !== undefined) this.#stageOf.set(arn, stage);
  }

  /** The resource's tag, as a request writes it. */
  tagsOf(arn: string): Readonly<Record<string, string>> | undefined {
    const stage = this.#stageOf.get(arn);
    return stage === undefined ? undefined : { [stageTag]: stage };
  }

  /** The resource's tag, as conditions see it. */
  tagOf(arn: string): Context {
    const stage = this.#stageOf.get(arn);
    return stage === undefined ? {} : { [`aws:resourcetag/${stageTag}`]: stage };
  }
}

/** The tag in a request, as conditions see it. */
export function requestTag(tags: unknown): Context {
  const stage = stageIn(tags);
  return stage === undefined ? {} : { [`aws:requesttag/${stageTag}`]: stage };
}

/** Each service writes tags in its own way. */
function stageIn(tags: unknown): string | undefined {
  if (typeof tags !== "object" || tags === null) return undefined;
  if (!Array.isArray(tags)) return (tags as Record<string, string>)[stageTag];
  for (const tag of tags as Record<string, string>[]) {
    if ((tag.Key ?? tag.TagKey ?? tag.key) === stageTag) return tag.Value ?? tag.TagValue ?? tag.value;
  }
  return undefined;
}

export function textsIn(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((each) => each !== undefined).map(String);
}

/** That a service may take a role: who deploys passes it on. */
export function passing(role: unknown, service: string): NeededAccess[] {
  if (typeof role !== "string" || role === "") return [];
  return [{ action: "iam:PassRole", resource: role, context: { "iam:passedtoservice": service } }];
}
