import { UserError } from "../program/user-error.js";

type Policy = Readonly<Record<string, unknown>>;

/**
 * Whether a subscription gets a message: docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html. Of filter policies
 * local AWS knows those on the message's body that compare members of its top level with texts, and `$or` of these.
 *
 * @throws UserError for any other
 */
export function passesFilter(inputs: Readonly<Record<string, unknown>>, message: string): boolean {
  if (inputs.filterPolicy === undefined) return true;
  if (inputs.filterPolicyScope !== "MessageBody") {
    throw new UserError(
      "local AWS knows filter policies on a message's body alone: set filterPolicyScope to MessageBody",
    );
  }
  const body = parsed(message);
  // What is no JSON object is delivered to no subscription that looks into it.
  return body !== undefined && matches(JSON.parse(String(inputs.filterPolicy)) as Policy, body);
}

function matches(policy: Policy, body: Policy): boolean {
  return Object.entries(policy).every(([name, wanted]) => {
    if (!Array.isArray(wanted)) throw new UserError(`local AWS does not look into "${name}" of a message`);
    if (name === "$or") return wanted.some((each) => matches(each as Policy, body));
    if (wanted.some((value) => typeof value !== "string")) {
      throw new UserError(`local AWS compares "${name}" of a message with texts alone`);
    }
    return wanted.includes(body[name]);
  });
}

function parsed(message: string): Policy | undefined {
  try {
    const body: unknown = JSON.parse(message);
    return typeof body === "object" && body !== null && !Array.isArray(body) ? (body as Policy) : undefined;
  } catch {
    return undefined;
  }
}
