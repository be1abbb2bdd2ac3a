import { BlockList, isIP } from "node:net";
import { z } from "zod";
import { matchesPattern } from "../../iam/decide.js";
import { UserError } from "../../program/user-error.js";

/** Who calls what. */
export interface Call {
  readonly sourceIp: string;
  /** `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH` */
  readonly resourceArn: string;
}

export type Verdict = "allowed" | "denied" | "not allowed";
export type ResourcePolicy = (call: Call) => Verdict;

const oneOrMore = z
  .union([z.string(), z.array(z.string())])
  .transform((value) => (typeof value === "string" ? [value] : value));
const condition = z.strictObject({ "aws:SourceIp": oneOrMore });
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Principal: z.union([
    z.literal("*"),
    z.strictObject({ AWS: z.union([z.literal("*"), z.tuple([z.literal("*")])]) }),
  ]),
  Action: oneOrMore,
  Resource: oneOrMore,
  Condition: z
    .strictObject({ IpAddress: condition.optional(), NotIpAddress: condition.optional() })
    .default({}),
});
const policyDocument = z.object({
  Statement: z.preprocess((value) => (Array.isArray(value) ? value : [value]), z.array(statement)),
});

/**
 * Reads a resource policy: anonymous callers, source addresses. An explicit deny wins, an allow is needed, as IAM evaluates
 * policies.
 *
 * @param api `arn:aws:execute-api:REGION:ACCOUNT:API`, which `execute-api:/…` in a policy stands for
 * @throws UserError for a policy that is not JSON, or that says more than this gateway understands
 */
export function readResourcePolicy(policy: unknown, api: string): ResourcePolicy {
  const { Statement: statements } = parsePolicy(policy);
  const rules = statements.map((rule) => {
    const resources = rule.Resource.map((resource) => resource.replace(/^execute-api:\//, `${api}/`));
    const { IpAddress: inside, NotIpAddress: outside } = rule.Condition;
    const insideOf = inside && addresses(inside["aws:SourceIp"]);
    const outsideOf = outside && addresses(outside["aws:SourceIp"]);
    return {
      effect: rule.Effect,
      covers: ({ sourceIp, resourceArn }: Call) =>
        rule.Action.some((action) => matchesPattern(action, "execute-api:Invoke", false)) &&
        resources.some((resource) => matchesPattern(resource, resourceArn)) &&
        (insideOf === undefined || insideOf.check(sourceIp, family(sourceIp))) &&
        (outsideOf === undefined || !outsideOf.check(sourceIp, family(sourceIp))),
    };
  });
  return (call) => {
    const matching = rules.filter((rule) => rule.covers(call));
    if (matching.some((rule) => rule.effect === "Deny")) return "denied";
    return matching.some((rule) => rule.effect === "Allow") ? "allowed" : "not allowed";
  };
}

function parsePolicy(policy: unknown): z.infer<typeof policyDocument> {
  let document = policy;
  try {
    if (typeof policy === "string") document = JSON.parse(policy);
  } catch (error) {
    throw new UserError(`the API's resource policy is not JSON: ${(error as Error).message}`);
  }
  const result = policyDocument.safeParse(document);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".")}: ${message}`);
  throw new UserError(`the API's resource policy cannot be evaluated locally: ${problems.join("; ")}`);
}

function addresses(ranges: readonly string[]): BlockList {
  const list = new BlockList();
  for (const range of ranges) {
    const [address = "", length] = range.split("/");
    const bits = isIP(address) === 4 ? 32 : 128;
    const prefix = length === undefined ? bits : Number(length);
    if (isIP(address) === 0 || !Number.isInteger(prefix) || prefix < 0 || prefix > bits)
      throw new UserError(`the API's resource policy has "${range}", which is not an address range`);
    list.addSubnet(address, prefix, family(address));
  }
  return list;
}

function family(address: string): "ipv4" | "ipv6" {
  return isIP(address) === 6 ? "ipv6" : "ipv4";
}
