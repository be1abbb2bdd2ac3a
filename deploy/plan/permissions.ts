import type { Change } from "./changes.js";
import { unknownValue } from "./differences.js";

/** What a policy newly allows. */
export interface Widening {
  readonly change: Change;
  /** Such as `s3:* on *`; none if it cannot be known before the update. */
  readonly allows: readonly string[];
}

/** Inputs that hold policies, by the names that AWS's resources have for them. */
const policyInputs = ["policy", "assumeRolePolicy", "accessPolicy"];

/** Resources by which somebody is allowed something without a policy's text. */
const grants: Readonly<Record<string, readonly string[]>> = {
  "aws:lambda/permission:Permission": ["principal", "action", "sourceArn"],
  "aws:iam/rolePolicyAttachment:RolePolicyAttachment": ["role", "policyArn"],
};

/**
 * The changes that allow more than before: an action, a resource or a principal that is new, a condition that is gone, or a
 * prohibition that is gone.
 */
export function wideningsOf(changes: readonly Change[]): Widening[] {
  return changes.flatMap((change) => {
    if (change.after === undefined) return [];
    const grant = grants[change.token];
    if (grant !== undefined) {
      if (change.action !== "create") return [];
      const { inputs } = change.after;
      return [{ change, allows: [grant.map((name) => String(inputs[name] ?? "anything")).join(", ")] }];
    }
    const found = policyInputs.map((name) =>
      widened(change.before?.inputs[name], change.after?.inputs[name]),
    );
    if (found.includes("unknown")) return [{ change, allows: [] }];
    const allows = found.flatMap((each) => (each === "unknown" ? [] : each));
    return allows.length === 0 ? [] : [{ change, allows }];
  });
}

interface Permission {
  readonly effect: string;
  readonly principal: string;
  readonly action: string;
  readonly resource: string;
  /** As JSON; empty for none. */
  readonly condition: string;
}

function widened(before: unknown, after: unknown): string[] | "unknown" {
  if (typeof after !== "string" || after === before) return [];
  if (after.includes(unknownValue)) return "unknown";
  const [former, present] = [permissionsOf(before), permissionsOf(after)];
  const allowed = present
    .filter(({ effect }) => effect === "Allow")
    .filter((permission) => !former.some((other) => other.effect === "Allow" && covers(other, permission)));
  const noLongerDenied = former
    .filter(({ effect }) => effect === "Deny")
    .filter((permission) => !present.some((other) => other.effect === "Deny" && covers(other, permission)));
  return [...asTexts(allowed), ...asTexts(noLongerDenied).map((text) => `what was denied: ${text}`)];
}

/** One text for all actions that are allowed to the same on the same. */
function asTexts(permissions: readonly Permission[]): string[] {
  const actions = new Map<string, Set<string>>();
  for (const { principal, action, resource, condition } of permissions) {
    const who = principal === "" ? "" : ` to ${principal}`;
    const where = resource === "" ? "" : ` on ${resource}`;
    const rest = `${who}${where}${condition === "" ? "" : ` if ${condition}`}`;
    actions.set(rest, (actions.get(rest) ?? new Set()).add(action));
  }
  return [...actions].map(([rest, names]) => `${[...names].join(", ")}${rest}`);
}

function permissionsOf(policy: unknown): Permission[] {
  if (typeof policy !== "string" || policy === "") return [];
  let document: { Statement?: unknown };
  try {
    document = JSON.parse(policy);
  } catch {
    return [];
  }
  return listOf(document.Statement).flatMap((value) => {
    const statement = value as Record<string, unknown>;
    const condition = statement.Condition === undefined ? "" : JSON.stringify(statement.Condition);
    return principalsOf(statement).flatMap((principal) =>
      named(statement, "Action").flatMap((action) =>
        named(statement, "Resource").map((resource) => ({
          effect: String(statement.Effect),
          principal,
          action,
          resource,
          condition,
        })),
      ),
    );
  });
}

/** The values of `Action` or `Resource`, or of `NotAction` or `NotResource`, which are compared as they are written. */
function named(statement: Record<string, unknown>, name: string): string[] {
  const not = listOf(statement[`Not${name}`]);
  if (not.length > 0) return [`all but ${not.join(", ")}`];
  const values = listOf(statement[name]).map(String);
  return values.length === 0 ? [""] : values;
}

function principalsOf(statement: Record<string, unknown>): string[] {
  const principal = statement.Principal ?? statement.NotPrincipal;
  if (principal === undefined) return [""];
  const not = statement.NotPrincipal === undefined ? "" : "all but ";
  if (typeof principal === "string") return [`${not}${principal}`];
  return Object.entries(principal as object).flatMap(([kind, values]) =>
    listOf(values).map((value) => `${not}${kind} ${value}`),
  );
}

function covers(wide: Permission, narrow: Permission): boolean {
  return (
    (wide.condition === "" || wide.condition === narrow.condition) &&
    matches(wide.principal, narrow.principal) &&
    matches(wide.action.toLowerCase(), narrow.action.toLowerCase()) &&
    matches(wide.resource, narrow.resource)
  );
}

/** Whether a pattern of IAM's stands for all that another one does. */
function matches(pattern: string, other: string): boolean {
  if (pattern === other || pattern === "*") return true;
  const source = pattern
    .split("*")
    .map((part) => part.replace(/[.+^${}()|[\]\\]/g, "\\$&").replaceAll("?", "."))
    .join(".*");
  return new RegExp(`^${source}$`, "s").test(other);
}

function listOf(value: unknown): unknown[] {
  if (value === undefined) return [];
  return Array.isArray(value) ? value : [value];
}
