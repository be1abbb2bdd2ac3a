import type {
  EngineEvent,
  StepEventMetadata,
  StepEventStateMetadata,
} from "@pulumi/pulumi/automation/index.js";
import type { StageResource } from "../../cost/stage-shape.js";
import { type Difference, differences, secretValue } from "./differences.js";

/** What happens to a resource. */
export type Action = "create" | "update" | "replace" | "delete" | "import";

/** One resource that a plan changes. */
export interface Change {
  readonly action: Action;
  /** Its type as people call it, such as `Queue`. */
  readonly type: string;
  /** Its type as Pulumi calls it, such as `aws:sqs/queue:Queue`. */
  readonly token: string;
  /** Its logical name, such as `webhooks-queue`. */
  readonly name: string;
  readonly urn: string;
  readonly differences: readonly Difference[];
  /** The properties that cannot be changed in place, if it is replaced. */
  readonly replacedBecause: readonly string[];
  /** What it is now; undefined if there is none yet. */
  readonly before: State | undefined;
  /** What it is to become; undefined if it goes. */
  readonly after: State | undefined;
}

export interface State {
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** What a preview tells. */
export interface Plan {
  readonly changes: readonly Change[];
  /** How many resources the stage has now. */
  readonly existing: number;
  /** The stage's outputs now, and after the update. */
  readonly outputs: { readonly before: State["outputs"]; readonly after: State["outputs"] };
  /** All resources now, and after the update. */
  readonly resources: { readonly before: readonly StageResource[]; readonly after: readonly StageResource[] };
  /** What the policy pack found, if one was run. */
  readonly violations: readonly {
    readonly policy: string;
    readonly isMandatory: boolean;
    readonly message: string;
  }[];
}

const actions: Readonly<Record<string, Action>> = {
  create: "create",
  update: "update",
  replace: "replace",
  delete: "delete",
  import: "import",
  "import-replacement": "import",
};

/** Reads the events of a preview. */
export function readPlan(events: readonly EngineEvent[]): Plan {
  const steps = events.flatMap(({ resourcePreEvent }) => resourcePreEvent?.metadata ?? []);
  const replaced = new Set(steps.filter(({ op }) => op === "replace").map(({ old, urn }) => old?.urn ?? urn));
  const changes = steps.flatMap((step) => {
    // What an interrupted update has left to delete is told in no other way.
    const isLeftOver = step.op === "delete-replaced" && !replaced.has(step.urn);
    const action = isLeftOver ? "delete" : actions[step.op];
    return action === undefined ? [] : [changeOf(step, action)];
  });
  const stack = events
    .flatMap(({ resOutputsEvent }) => resOutputsEvent?.metadata ?? [])
    .filter(({ type, op }) => type === "pulumi:pulumi:Stack" && op !== "refresh")
    .at(-1);
  const now = new Map<string, StageResource>();
  const then = new Map<string, StageResource>();
  for (const { op, urn, old, new: next } of steps) {
    if (old !== undefined && old !== null && op !== "delete-replaced") now.set(old.urn, resourceOf(old));
    if (next !== undefined && next !== null && !/^delete/.test(op)) then.set(urn, resourceOf(next));
  }
  const counts = events.flatMap(({ summaryEvent }) => summaryEvent?.resourceChanges ?? []).at(-1) ?? {};
  return {
    changes,
    existing: (counts.same ?? 0) + (counts.update ?? 0) + (counts.replace ?? 0) + (counts.delete ?? 0),
    outputs: { before: stack?.old?.outputs ?? {}, after: stack?.new?.outputs ?? {} },
    resources: { before: [...now.values()], after: [...then.values()] },
    violations: events.flatMap(({ policyEvent }) =>
      policyEvent === undefined
        ? []
        : [
            {
              policy: policyEvent.policyName,
              isMandatory: policyEvent.enforcementLevel === "mandatory",
              message: policyEvent.message.trim(),
            },
          ],
    ),
  };
}

function changeOf(step: StepEventMetadata, action: Action): Change {
  const { urn, type, old, new: next } = step;
  return {
    action,
    type: typeOf(type),
    token: type,
    name: nameOf(urn),
    urn,
    differences: action === "update" || action === "replace" ? differencesOf(step) : [],
    replacedBecause: action === "replace" ? (step.keys ?? []) : [],
    before: old ?? undefined,
    after: action === "delete" ? undefined : (next ?? undefined),
  };
}

function resourceOf({ type, urn, inputs }: StepEventStateMetadata): StageResource {
  return { type, name: nameOf(urn), inputs };
}

/** The properties that the provider says are different, with their values. */
function differencesOf({ old, new: next, diffs, detailedDiff }: StepEventMetadata): Difference[] {
  const detailed = Object.keys(detailedDiff ?? {}).map((path) => path.split(/[.[]/)[0] ?? path);
  const names = [...new Set([...(diffs ?? []), ...detailed])];
  return names.flatMap((name) => {
    const after = next?.inputs[name];
    const found = differences(old?.inputs[name], after, name);
    if (found.length > 0) return found;
    // The engine writes the same in place of the former secret and of the present one.
    if (JSON.stringify(after)?.includes(secretValue)) {
      return [{ path: name, from: secretValue, to: "[another secret]" }];
    }
    // What somebody has changed by hand is not always read back as an input.
    return after === undefined ? [] : differences(old?.outputs[name], after, name);
  });
}

/** `Queue`, of `aws:sqs/queue:Queue`. */
export function typeOf(token: string): string {
  return token.split(":").at(-1) ?? token;
}

/** A resource's logical name, of its URN. */
export function nameOf(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}
