import type { IngestSource } from "../../settings/ingest-source.js";

/**
 * The API's resource policy: anybody may call it. A source that names addresses can be called only from those.
 *
 * @returns undefined if no source names addresses
 */
export function resourcePolicy(
  sources: readonly IngestSource[],
  { stageName, pathPrefix }: { readonly stageName: string; readonly pathPrefix: string },
): object | undefined {
  const limited = sources.filter(({ allowedCidrs }) => allowedCidrs !== undefined);
  if (limited.length === 0) return undefined;

  const invoke = { Principal: "*", Action: "execute-api:Invoke" };
  return {
    Version: "2012-10-17",
    Statement: [
      { Sid: "AnybodyMaySend", Effect: "Allow", ...invoke, Resource: `execute-api:/${stageName}/*` },
      ...byAddresses(limited).map(({ names, allowedCidrs }) => ({
        Sid: `Only${sidPart(names[0] ?? "")}FromItsAddresses`,
        Effect: "Deny",
        ...invoke,
        Resource: oneOrMore(names.map((name) => `execute-api:/${stageName}/*/${pathPrefix}/${name}`)),
        Condition: { NotIpAddress: { "aws:SourceIp": allowedCidrs } },
      })),
    ],
  };
}

/** Sources that share a list of addresses share a statement, for a policy takes 8,192 characters. */
function byAddresses(sources: readonly IngestSource[]) {
  const lists = new Map<string, { names: string[]; allowedCidrs: readonly string[] | undefined }>();
  for (const { name, allowedCidrs } of sources) {
    const key = JSON.stringify([...(allowedCidrs ?? [])].sort());
    const list = lists.get(key) ?? { names: [], allowedCidrs };
    list.names.push(name);
    lists.set(key, list);
  }
  return [...lists.values()];
}

function oneOrMore(values: readonly string[]): string | readonly string[] {
  const [first = "", ...others] = values;
  return others.length === 0 ? first : values;
}

/**
 * A statement's id consists of letters and digits and must be unique. Names have no capital letters, so two names cannot
 * become equal.
 */
function sidPart(name: string): string {
  return name.replaceAll("-", "Dash");
}
