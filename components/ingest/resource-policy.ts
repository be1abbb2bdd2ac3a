import { type IngestSource, pathsOf } from "../../settings/ingest-source.js";

/**
 * The API's resource policy: anybody may call it. A source that names addresses can be called only from those.
 *
 * @returns undefined if no source names addresses
 */
export function resourcePolicy(
  sources: readonly IngestSource[],
  {
    stageNames,
    pathPrefixes,
  }: { readonly stageNames: readonly string[]; readonly pathPrefixes: readonly string[] },
): object | undefined {
  const limited = sources.filter(({ allowedCidrs }) => allowedCidrs !== undefined);
  if (limited.length === 0) return undefined;

  const invoke = { Principal: "*", Action: "execute-api:Invoke" };
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "AnybodyMaySend",
        Effect: "Allow",
        ...invoke,
        Resource: oneOrMore(stageNames.map((stage) => `execute-api:/${stage}/*`)),
      },
      ...byAddresses(limited).map(({ sources: [first, ...others], allowedCidrs }) => ({
        Sid: `Only${sidPart(first.name)}FromItsAddresses`,
        Effect: "Deny",
        ...invoke,
        Resource: oneOrMore(
          [first, ...others].flatMap((source) =>
            stageNames.flatMap((stage) =>
              pathsOf(source, pathPrefixes).map((path) => `execute-api:/${stage}/*${path}`),
            ),
          ),
        ),
        Condition: { NotIpAddress: { "aws:SourceIp": allowedCidrs } },
      })),
    ],
  };
}

/** Sources that share a list of addresses share a statement, for a policy takes 8,192 characters. */
function byAddresses(sources: readonly IngestSource[]) {
  type List = {
    readonly sources: [IngestSource, ...IngestSource[]];
    readonly allowedCidrs: readonly string[];
  };
  const lists = new Map<string, List>();
  for (const source of sources) {
    const { allowedCidrs = [] } = source;
    const key = JSON.stringify([...allowedCidrs].sort());
    const list = lists.get(key);
    if (list === undefined) lists.set(key, { sources: [source], allowedCidrs });
    else list.sources.push(source);
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
