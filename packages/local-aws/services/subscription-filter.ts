import { describe, type GraphResource } from "../program/graph.js";
import { UserError } from "../program/user-error.js";

type Inputs = GraphResource["inputs"];
type Policy = Readonly<Record<string, unknown>>;

/**
 * Checks a subscription's filter policy: docs.aws.amazon.com/sns/latest/dg/sns-subscription-filter-policies.html. Local AWS knows those on
 * the message's body that compare members of its top level with texts, and `$or` of these.
 *
 * @throws UserError for any other
 */
export function checkFilter(subscription: GraphResource): void {
  const { inputs } = subscription;
  if (inputs.filterPolicy === undefined) return;
  const isKnown = inputs.filterPolicyScope === "MessageBody" && comparesTexts(policyIn(inputs));
  if (isKnown) return;
  throw new UserError(
    `${describe(subscription)}: local AWS knows filter policies on a message's body that compare its members with texts ` +
      "(filterPolicyScope MessageBody), and no other",
  );
}

/** Whether a subscription gets a message. */
export function passesFilter(inputs: Inputs, message: string): boolean {
  if (inputs.filterPolicy === undefined) return true;
  const body = parsed(message);
  // What is no JSON object is delivered to no subscription that looks into it.
  return body !== undefined && matches(policyIn(inputs), body);
}

function policyIn({ filterPolicy }: Inputs): Policy {
  return parsed(String(filterPolicy)) ?? {};
}

function comparesTexts(policy: Policy): boolean {
  return Object.entries(policy).every(
    ([name, wanted]) =>
      Array.isArray(wanted) &&
      wanted.every((each) => (name === "$or" ? comparesTexts(each as Policy) : typeof each === "string")),
  );
}

function matches(policy: Policy, body: Policy): boolean {
  return Object.entries(policy).every(([name, wanted]) => {
    const values = wanted as readonly unknown[];
    return name === "$or"
      ? values.some((each) => matches(each as Policy, body))
      : values.includes(body[name]);
  });
}

function parsed(text: string): Policy | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Policy)
      : undefined;
  } catch {
    return undefined;
  }
}
