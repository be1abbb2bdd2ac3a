/** Path parameters by name. */
export type PathParameters = ReadonlyMap<string, string>;

/**
 * The resource a path leads to. At each part an exact match comes before a `{parameter}`, and that before a greedy
 * `{parameter+}`. The resource is chosen by path alone: a method it does not have is not looked for elsewhere.
 *
 * @param path without the stage; slashes at its end do not count, as on AWS
 */
export function findResource<T extends { readonly path: string }>(
  resources: readonly T[],
  path: string,
): { resource: T; pathParameters: PathParameters } | undefined {
  const parts = partsOf(path.replace(/\/+$/, ""));
  return resources
    .flatMap((resource) => {
      const match = matchParts(partsOf(resource.path.replace(/\/+$/, "")), parts);
      return match === undefined ? [] : [{ resource, ...match }];
    })
    .sort((one, other) => (one.rank < other.rank ? -1 : 1))[0];
}

/** The names of a resource's path parameters. */
export function parameterNames(path: string): string[] {
  return [...path.matchAll(/\{([^{}+]+)\+?\}/g)].map(([, name = ""]) => name);
}

function partsOf(path: string): string[] {
  return path.split("/").slice(1);
}

/** @returns undefined without a match, else a rank that sorts the more exact match first */
function matchParts(
  pattern: readonly string[],
  parts: readonly string[],
): { pathParameters: Map<string, string>; rank: string } | undefined {
  const pathParameters = new Map<string, string>();
  let rank = "";
  for (const [index, expected] of pattern.entries()) {
    const actual = parts[index];
    const [, name, greedy] = /^\{([^{}+]+)(\+)?\}$/.exec(expected) ?? [];
    if (actual === undefined || (name !== undefined && actual === "")) return undefined;
    if (name === undefined) {
      if (expected !== actual) return undefined;
      rank += "0";
    } else if (greedy === undefined) {
      pathParameters.set(name, decoded(actual));
      rank += "1";
    } else {
      pathParameters.set(name, decoded(parts.slice(index).join("/")));
      return { pathParameters, rank: `${rank}2` };
    }
  }
  return pattern.length === parts.length ? { pathParameters, rank } : undefined;
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
