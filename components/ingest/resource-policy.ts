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
      ...limited.map(({ name, allowedCidrs }) => ({
        Sid: `Only${sidPart(name)}FromItsAddresses`,
        Effect: "Deny",
        ...invoke,
        Resource: `execute-api:/${stageName}/*/${pathPrefix}/${name}`,
        Condition: { NotIpAddress: { "aws:SourceIp": allowedCidrs } },
      })),
    ],
  };
}

/**
 * A statement's id consists of letters and digits and must be unique. Names have no capital letters, so two names cannot
 * become equal.
 */
function sidPart(name: string): string {
  return name.replaceAll("-", "Dash");
}
