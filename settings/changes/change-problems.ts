import type { Partially } from "../schemas.js";
import { secretsOf } from "../sources.js";
import { formerSecretNames } from "./source-changes.js";

/**
 * Changes of a deployed stage that cannot be made as they stand, a line each. What is `former` or `retiring` in the settings
 * still works and is no longer protected; taking the entry out of the file deletes it (docs/changing-a-stage.md).
 */
export function changeProblems(settings: Partially): string[] {
  return [
    ...sourceProblems(settings),
    ...queueProblems(settings),
    ...doorProblems(settings),
    ...dataProblems(settings),
  ];
}

function sourceProblems({ sources = [] }: Partially): string[] {
  const problems: string[] = [];
  const owners = new Map<string, string>();
  for (const [index, { name, key, changes }] of sources.entries()) {
    // Equal names of two sources are told elsewhere.
    const names = Object.entries({
      name: [name],
      formerNames: changes.formerNames,
      rememberedAs: changes.renamed ? [key] : [],
    });
    for (const [setting, values] of names) {
      for (const value of values) {
        const at = `sources[${index}].${setting}`;
        const owner = owners.get(value);
        if (owner === undefined) owners.set(value, at);
        else if (
          !owner.startsWith(`sources[${index}].`) &&
          !(setting === "name" && owner.endsWith(".name"))
        ) {
          problems.push(
            `${at}: "${value}" is taken by ${owner}: two sources would share a path or a history`,
          );
        }
      }
    }
  }
  for (const [index, source] of sources.entries()) {
    const { name, queue, changes } = source;
    const { formerNames, formerQueue, renamed } = changes;
    if (formerNames.includes(name)) {
      problems.push(`sources[${index}].formerNames: "${name}" is the source's present name`);
    }
    if (new Set(formerNames).size < formerNames.length) {
      problems.push(`sources[${index}].formerNames: must not have a name twice`);
    }
    if (formerNames.length > 0 && !renamed) {
      problems.push(
        `sources[${index}].rememberedAs: is missing: set it to the name that the source was first deployed with, such as ` +
          `${formerNames.at(-1)}, and keep it; without it the renamed source loses its secret and its history`,
      );
    }
    if (formerQueue === queue) {
      problems.push(`sources[${index}].formerQueue: must differ from queue, which is ${queue}`);
    }
    const needed = secretsOf(source).map(({ key }) => key);
    for (const secret of formerSecretNames(source).filter((former) => needed.includes(former))) {
      problems.push(`sources[${index}].formerSecrets: the source still needs its secret ${secret}`);
    }
  }
  if (sources.length > 0 && sources.every(({ changes }) => changes.retiring)) {
    problems.push("sources: must have one that is not retiring, because a front door needs a path");
  }
  return problems;
}

function queueProblems({ queue, sources = [] }: Partially): string[] {
  if (queue?.formerType === undefined) return [];
  if (queue.formerType === queue.type) {
    return [`queue.formerType: must differ from queue.type, which is ${queue.type}`];
  }
  const moving = sources.flatMap(({ changes, subscribers }, index) => [
    ...(changes.formerQueue === undefined ? [] : [`sources[${index}]`]),
    ...subscribers.flatMap((subscriber, at) =>
      subscriber.changes.formerQueue === undefined ? [] : [`sources[${index}].subscribers[${at}]`],
    ),
  ]);
  return moving.map(
    (who) => `${who}.formerQueue: must wait until queue.formerType is gone: change one at a time`,
  );
}

function doorProblems({ api, formerApi }: Partially): string[] {
  const problems: string[] = [];
  if (api !== undefined && formerApi !== undefined && (api.kind ?? "rest") === (formerApi.kind ?? "rest")) {
    problems.push(
      "formerApi: must be of the other kind; within one kind use api.formerPathPrefixes and api.formerStageNames",
    );
  }
  for (const [group, door] of Object.entries({ api, formerApi })) {
    if (door === undefined) continue;
    const { pathPrefix, formerPathPrefixes, stageName, formerStageNames } = door;
    for (const [setting, present, former] of [
      ["formerPathPrefixes", pathPrefix, formerPathPrefixes],
      ["formerStageNames", stageName, formerStageNames],
    ] as const) {
      const all = [present, ...former];
      if (new Set(all).size < all.length) {
        problems.push(
          `${group}.${setting}: must name each value once, and not "${present}", which is in use`,
        );
      }
    }
    if (door.kind === "http") continue;
    const domains = [
      ...(door.customDomain === undefined ? [] : [door.customDomain]),
      ...door.formerCustomDomains,
    ].map(({ domainName, basePath = "" }) => `${domainName}/${basePath}`);
    if (new Set(domains).size < domains.length) {
      problems.push(`${group}.formerCustomDomains: must name each domain and base path once`);
    }
  }
  return problems;
}

function dataProblems({ history, encryption, formerEncryption }: Partially): string[] {
  const problems: string[] = [];
  if (formerEncryption !== undefined && formerEncryption === encryption) {
    problems.push(`formerEncryption: must differ from encryption, which is ${encryption}`);
  }
  if (history?.formerTtlDays !== undefined && history.formerTtlDays <= history.ttlDays) {
    problems.push(
      `history.formerTtlDays: must be more than history.ttlDays, which is ${history.ttlDays}: only a shorter time needs it`,
    );
  }
  return problems;
}
