import * as pulumi from "@pulumi/pulumi";

/** A resource as far as its URN goes. */
export interface Identity {
  readonly project: string;
  readonly stack: string;
  readonly type: string;
  readonly name: string;
  /** URN of the parent; absent for what hangs on the stack itself. */
  readonly parent?: string | undefined;
}

/** The parent's name, and the URNs that it may have had. */
export interface AliasedParent {
  readonly name: string;
  readonly aliases: readonly string[];
}

export function urnOf({ project, stack, type, name, parent }: Identity): string {
  const parentTypes = parent === undefined ? "" : `${typesIn(parent)}$`;
  return `urn:pulumi:${stack}::${project}::${parentTypes}${type}::${name}`;
}

/**
 * The URNs under which the engine looks for a resource that it does not find under its own: the resource's aliases, and what
 * it would be called under each of its parent's. Aliases that are outputs are not known here, and left out.
 * pulumi.com/docs/iac/concepts/resources/options/aliases
 *
 * @param aliases the resource's option
 * @param urnOfResource of a resource that an alias names as its parent
 */
export function aliasUrns(
  self: Identity,
  aliases: readonly unknown[],
  parent: AliasedParent | undefined,
  urnOfResource: (resource: pulumi.Resource) => string | undefined,
): string[] {
  const own = aliases.flatMap((alias) => ownAlias(self, alias, urnOfResource));
  const inherited = (parent?.aliases ?? []).flatMap((parentUrn) =>
    [self, ...own].map(({ type, name }) => {
      // A name that starts with the parent's is taken for one that was made of it.
      const made = parent !== undefined && name.startsWith(parent.name);
      const former = made ? `${nameIn(parentUrn)}${name.slice(parent.name.length)}` : name;
      return { ...self, type, name: former, parent: parentUrn };
    }),
  );
  return [...new Set([...own, ...inherited].map(urnOf))];
}

function ownAlias(
  self: Identity,
  alias: unknown,
  urnOfResource: (resource: pulumi.Resource) => string | undefined,
): Identity[] {
  if (typeof alias === "string") return [identityIn(alias)];
  if (typeof alias !== "object" || alias === null || pulumi.Output.isInstance(alias)) return [];
  const { parent, ...plain } = { ...self, ...(alias as pulumi.Alias) };
  const former = { ...plain, parent: pulumi.Resource.isInstance(parent) ? urnOfResource(parent) : parent };
  return Object.values(former).every((value) => value === undefined || typeof value === "string")
    ? [former as Identity]
    : [];
}

/** A URN's parts. Of its parent it has the types alone, which is all that is needed to write it again. */
function identityIn(urn: string): Identity {
  const [, , stack = ""] = urn.split(":");
  const [, project = "", , name = ""] = urn.split("::");
  const types = typesIn(urn).split("$");
  const type = types.pop() ?? "";
  const parent = types.length === 0 ? undefined : `urn:pulumi:${stack}::${project}::${types.join("$")}::`;
  return { project, stack, type, name, parent };
}

function typesIn(urn: string): string {
  return urn.split("::")[2] ?? "";
}

function nameIn(urn: string): string {
  return urn.slice(urn.lastIndexOf("::") + 2);
}
