import { type GraphResource, localAccount, recordProgram } from "local-aws";

/** What a piece of the program registered, for assertions on the inputs sent to the engine. */
export interface Registered {
  readonly resources: readonly GraphResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
  /** All resources of a type. */
  all(type: string): GraphResource[];
  /** The one resource of a type, or of a type and name. */
  one(type: string, name?: string): GraphResource;
}

export const place = {
  account: localAccount,
  region: "eu-west-1",
  endpoint: "https://sqs.eu-west-1.amazonaws.com",
};

const options = { project: "webhook-pipeline", stack: "test", place };

/** Runs `build` under a fresh mocked engine and returns what it registered, once all of it is. */
export async function registered(build: () => Record<string, unknown> | object): Promise<Registered> {
  const { resources, outputs } = await recordProgram(options, async () => {
    const made = build();
    return isPlain(made) ? made : {};
  });
  return lookup(resources, outputs);
}

/** Runs `build`, which must throw, and returns its message with whatever it registered before. */
export async function refused(
  build: () => object,
): Promise<{ message: string; error: Error; resources: readonly GraphResource[] }> {
  let error: Error | undefined;
  const { resources } = await recordProgram(options, async () => {
    try {
      build();
    } catch (thrown) {
      error = thrown as Error;
    }
    return {};
  });
  if (error === undefined) throw new Error("expected the program to be refused, but it went through");
  return { message: error.message, error, resources };
}

export function lookup(
  resources: readonly GraphResource[],
  outputs: Readonly<Record<string, unknown>> = {},
): Registered {
  const all = (type: string) => resources.filter((resource) => resource.type === type);
  return {
    resources,
    outputs,
    all,
    one(type, name) {
      const found = all(type).filter((resource) => name === undefined || resource.name === name);
      const [hit] = found;
      if (hit === undefined || found.length > 1) {
        throw new Error(
          `wanted exactly one ${type} ${name ?? ""}, found ${found.map((r) => r.name).join(", ") || "none"}`,
        );
      }
      return hit;
    },
  };
}

function isPlain(value: object): value is Record<string, unknown> {
  return Object.getPrototypeOf(value) === Object.prototype;
}

/** A policy document in a resource's inputs. */
export interface Policy {
  readonly Statement: readonly {
    readonly Sid: string;
    readonly Effect: string;
    readonly Principal?: unknown;
    readonly Action: string | string[];
    readonly Resource: string | string[];
    readonly Condition?: Record<string, Record<string, string>>;
  }[];
}

/** Reads a policy from an input. */
export function policyIn(resource: GraphResource, input = "policy"): Policy {
  return JSON.parse(String(resource.inputs[input])) as Policy;
}

/** Every (action, resource) pair that a policy allows, one text each. */
export function allowedBy(policy: Policy): string[] {
  return policy.Statement.filter(({ Effect }) => Effect === "Allow").flatMap(({ Action, Resource }) =>
    [Action].flat().flatMap((action) => [Resource].flat().map((resource) => `${action} on ${resource}`)),
  );
}

/** Names of the taggable resources that lack the given tags. Those AWS cannot tag are left out by type. */
export function untagged(
  resources: readonly GraphResource[],
  tags: Readonly<Record<string, string>>,
): string[] {
  return resources
    .filter(({ custom, type }) => custom && !cannotBeTagged.has(type))
    .filter(({ inputs }) => JSON.stringify(inputs.tags) !== JSON.stringify(tags))
    .map(({ type, name }) => `${type} ${name}`);
}

const cannotBeTagged = new Set([
  "aws:cloudwatch/eventApiDestination:EventApiDestination",
  "aws:cloudwatch/eventConnection:EventConnection",
  "aws:cloudwatch/eventTarget:EventTarget",
  "aws:sqs/queuePolicy:QueuePolicy",
  "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
  "aws:iam/rolePolicy:RolePolicy",
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment",
  "aws:apigateway/deployment:Deployment",
  "aws:apigateway/methodSettings:MethodSettings",
  "aws:apigateway/account:Account",
  "aws:apigatewayv2/integration:Integration",
  "aws:apigatewayv2/route:Route",
  "aws:sns/topicPolicy:TopicPolicy",
  "aws:sns/topicSubscription:TopicSubscription",
  "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration",
  "aws:s3/bucketOwnershipControls:BucketOwnershipControls",
  "aws:s3/bucketPolicy:BucketPolicy",
  "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock",
  "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
]);
