/** A resource of a stage, as the engine or the program knows it. */
export interface CheckedResource {
  /** Type token, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly isProtected: boolean;
  /**
   * A property. Undefined if it is not set, and {@link unknown} if it is known only after the resource is made.
   */
  property(name: string): unknown;
  /** The resources that a property was made from. */
  madeFrom(property: string): readonly CheckedResource[];
}

/** Stands for a value that AWS has yet to give. A rule passes over it: it is checked again when the value is there. */
export const unknown: unique symbol = Symbol("unknown");

/** One thing that is not as it must be. */
export interface Violation {
  readonly resource: CheckedResource;
  /** What is wrong, and how to mend it. */
  readonly problem: string;
}

/** What must hold. */
export interface Rule {
  /** Kebab-case; the policy's name in Pulumi. */
  readonly name: string;
  /** What must hold, in a sentence. */
  readonly description: string;
  /** @param resources all of a stage */
  check(resources: readonly CheckedResource[]): Violation[];
}

/** A rule that looks at each resource of some types by itself. */
export function ruleForEach(
  { name, description, types }: Pick<Rule, "name" | "description"> & { readonly types: readonly string[] },
  problemOf: (
    resource: CheckedResource,
    all: readonly CheckedResource[],
  ) => string | readonly string[] | undefined,
): Rule {
  return {
    name,
    description,
    check: (resources) =>
      ofTypes(resources, types).flatMap((resource) =>
        [problemOf(resource, resources) ?? []].flat().map((problem) => ({ resource, problem })),
      ),
  };
}

export function ofTypes(resources: readonly CheckedResource[], types: readonly string[]): CheckedResource[] {
  return resources.filter(({ type }) => types.includes(type));
}

/** A property that is an object; undefined if it is absent or unknown. */
export function objectAt(resource: CheckedResource, property: string): Record<string, unknown> | undefined {
  const value = resource.property(property);
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : undefined;
}

/** A property that is a list; empty if it is absent or unknown. */
export function listAt(resource: CheckedResource, property: string): readonly unknown[] {
  const value = resource.property(property);
  return Array.isArray(value) ? value : [];
}

/** Whether a property is set, or will be. */
export function isSet(resource: CheckedResource, property: string): boolean {
  const value = resource.property(property);
  return value !== undefined && value !== null && value !== "";
}
