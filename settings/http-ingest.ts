import { neededHeaders, neededQueryParameters } from "../providers/support/needed-places.js";
import { attributesMapping, longestMapping } from "../runtime/envelope/http-api-message.js";
import { type Locator, type LocatorKind, partsOf } from "../runtime/envelope/locator.js";
import { neededValues } from "../runtime/signatures/needed-values.js";
import type { AwsTargetDefinition } from "../runtime/stage/targets.js";
import { namesInFilter } from "./filters/filter.js";
import { carriedName, carriedValues, type HttpIngestSource } from "./http-ingest-source.js";
import type { SourceSettings } from "./sources.js";

/** A source in the form that an HTTP API needs: with all headers and query parameters that its settings use. */
export function httpIngestSource({
  name,
  key,
  changes,
  definition,
  ingest,
  subscribers,
  carryHeaders,
}: SourceSettings): HttpIngestSource {
  const targets = subscribers.map((subscriber) => subscriber.definition.target);
  const forwards = [definition, ...targets].flatMap((each) =>
    "forward" in each ? (each.forward ?? []) : [],
  );
  const filters = [definition, ...subscribers.map((subscriber) => subscriber.definition)];
  // What an AWS target keeps in order by.
  const orderedBy = targets.flatMap((target) => ("kind" in target ? orderKeyOf(target) : []));
  const named = (kind: LocatorKind) =>
    orderedBy.map(partsOf).flatMap((place) => (place.kind === kind ? place.name : []));
  const inFilters = (root: "headers" | "query") =>
    filters.flatMap(({ filter }) => namesInFilter(root, filter));
  return {
    name,
    key,
    formerNames: changes.formerNames,
    headers: [
      ...new Set([
        ...neededHeaders(definition),
        ...inFilters("headers"),
        ...forwards.flatMap(({ url }) => headersInUrl(url)),
        ...named("header").map((header) => header.toLowerCase()),
        ...carryHeaders,
      ]),
    ],
    queryParameters: [
      ...new Set([...neededQueryParameters(definition), ...inFilters("query"), ...named("query")]),
    ],
    throttling: ingest.throttling,
  };
}

/** The place of the value that a target keeps webhooks in order by. */
function orderKeyOf(target: AwsTargetDefinition): Locator[] {
  const key =
    "messageGroup" in target
      ? target.messageGroup
      : "partitionKey" in target
        ? target.partitionKey
        : undefined;
  return key === undefined || key === "source" ? [] : [key];
}

/** Headers that the forwarding address is made with, lower case. */
function headersInUrl(url: string): string[] {
  return [...url.matchAll(/\{header:([^}]+)\}/g)].map(([, name = ""]) => name.toLowerCase());
}

/** What the sources ask for that an HTTP API cannot do, one line each. */
export function httpProblems(
  sources: readonly SourceSettings[],
  { onExistingApi }: { readonly onExistingApi: boolean },
): string[] {
  return sources.flatMap((source, index) => [
    ...impossible(source, onExistingApi).map(
      ([key, why]) => `sources[${index}].${key}: is not available with api.kind http: ${why}`,
    ),
    ...uncarried(source).map((problem) => `sources[${index}]${problem}`),
  ]);
}

function impossible(source: SourceSettings, onExistingApi: boolean): [key: string, why: string][] {
  const { definition, ingest } = source;
  const asked: [key: string, isAsked: boolean, why: string][] = [
    ["allowedCidrs", ingest.allowedCidrs !== undefined, "HTTP APIs have no resource policy"],
    ["apiKey", ingest.apiKey === true, "HTTP APIs have no API keys"],
    ["edgeSchema", ingest.edgeSchema !== undefined, "HTTP APIs do not look into bodies; use schema"],
    [
      "handshake",
      ingest.handshake !== undefined && ingest.handshake.kind !== "none",
      "HTTP APIs return SQS's own answer. If another server answers, write handshake: { kind: none }",
    ],
    ["orderBy", ingest.orderBy !== undefined, "all webhooks of a source are kept in order"],
    [
      "deduplicateBy",
      ingest.deduplicateBy !== undefined,
      "a forged webhook with the same header could make SQS drop the genuine one; the history recognises repetitions",
    ],
    [
      "throttling",
      onExistingApi && ingest.throttling !== undefined,
      "it belongs to the stage of api.existing: set it there",
    ],
    [
      "signature",
      neededValues(definition.signature) === undefined,
      `${definition.signature.kind} signs headers that each request names itself`,
    ],
  ];
  return asked.flatMap(([key, isAsked, why]) => (isAsked ? [[key, why]] : []));
}

/** Values for which the mapping has no room, or whose names are not valid in it. */
function uncarried(source: SourceSettings): string[] {
  const carried = carriedValues(httpIngestSource(source));
  const values = [...carried.headers, ...carried.query];
  const unnameable = values.filter((name) => !carriedName.test(name));
  const { length } = attributesMapping(carried);
  return [
    ...unnameable.map((name) => `: needs "${name}", but SQS carries only names of letters, digits, _ and -`),
    ...(length <= longestMapping
      ? []
      : [
          ` (${source.name}): the mapping of ${values.length} headers and query parameters has ${length} characters, but AWS takes ` +
            `${longestMapping} (${values.join(", ")}): name fewer, or use api.kind rest`,
        ]),
  ];
}
