import type { Parsed } from "../schemas.js";
import type { Settings } from "../settings.js";

/** A part of the URLs that senders have. */
export interface PublicAddress {
  /** Without what AWS makes up: `rest/v1/webhooks` of a front door, and `source/github` of a source. */
  readonly address: string;
  /** Still answers, and may go. */
  readonly isFormer: boolean;
}

/** Everything in a stage's settings that URLs are made of. Each URL is a front door's address and a source's. */
export function publicAddresses({
  api,
  formerApi,
  sources,
}: Pick<Settings, "api" | "formerApi" | "sources">): PublicAddress[] {
  return [
    ...doorAddresses(api),
    ...(formerApi === undefined ? [] : doorAddresses(formerApi).map(former)),
    ...sources.flatMap(({ name, changes }) => [
      { address: `source/${name}`, isFormer: changes.retiring },
      ...changes.formerNames.map((formerName) => ({ address: `source/${formerName}`, isFormer: true })),
    ]),
  ];
}

function doorAddresses(api: Parsed["api"]): PublicAddress[] {
  const origins = [...stages(api).map((origin, index) => ({ origin, isFormer: index > 0 })), ...domains(api)];
  return [api.pathPrefix, ...api.formerPathPrefixes].flatMap((prefix, index) =>
    origins.map(({ origin, isFormer }) => ({
      address: `${origin}/${prefix}`,
      isFormer: isFormer || index > 0,
    })),
  );
}

/** The present one first. */
function stages(api: Parsed["api"]): string[] {
  return [api.stageName, ...api.formerStageNames].map((stage) => `${apiOf(api)}/${stage}`);
}

function apiOf(api: Parsed["api"]): string {
  if (api.kind !== "http") return "rest";
  if (!("existing" in api.api)) return "http";
  const { existing } = api.api;
  return `http/${"id" in existing ? existing.id : existing.name}`;
}

function domains(api: Parsed["api"]): { readonly origin: string; readonly isFormer: boolean }[] {
  if (api.kind === "http") return [];
  const { customDomain, formerCustomDomains } = api;
  return [
    ...(customDomain === undefined ? [] : [{ ...customDomain, isFormer: false }]),
    ...formerCustomDomains.map((domain) => ({ ...domain, isFormer: true })),
  ].map(({ domainName, basePath, isFormer }) => ({
    origin: basePath === undefined ? domainName : `${domainName}/${basePath}`,
    isFormer,
  }));
}

function former({ address }: PublicAddress): PublicAddress {
  return { address, isFormer: true };
}
