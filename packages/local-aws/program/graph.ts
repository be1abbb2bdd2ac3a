/** One resource as the program registered it. */
export interface GraphResource {
  readonly urn: string;
  /** Type token, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** URN of the parent; absent for what hangs on the stack itself. */
  readonly parent?: string;
  /** False for components. */
  readonly custom: boolean;
  readonly protect: boolean;
  /** Inputs that are secrets of Pulumi's state, where there are any. */
  readonly secretInputs?: readonly string[];
  /** Set for what stays in AWS when the program gives it up. */
  readonly retainOnDelete?: true;
  /** Inputs whose changes the engine passes over, where there are any. */
  readonly ignoreChanges?: readonly string[];
  /** URNs of the resources that must be made before it, beside those that its inputs name. */
  readonly dependsOn?: readonly string[];
  /** URNs that the resource may have had in earlier versions of the program. */
  readonly aliases: readonly string[];
  /** What the program sent to the engine. Secrets are plain here; archives are Pulumi's own archive objects. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly id: string;
  /** Inputs and what the cloud would have added to them. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** Everything a stack's program registers. */
export interface Graph {
  readonly project: string;
  readonly stack: string;
  readonly region: string;
  readonly account: string;
  readonly resources: readonly GraphResource[];
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The resources of one type, in the order they were registered. */
export function resourcesOfType(graph: Graph, type: string): GraphResource[] {
  return graph.resources.filter((resource) => resource.type === type);
}

/** A resource in a message: `Queue orders`. */
export function describe({ type, name }: Pick<GraphResource, "type" | "name">): string {
  return `${type.split(":").at(-1)} ${name}`;
}

export function arnOf({ state }: GraphResource): string {
  return String(state.arn);
}
