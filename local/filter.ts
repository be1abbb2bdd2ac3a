import { readStageConfig, UserError } from "local-aws";
import { whyMatch, whyNoMatch } from "../runtime/filter/explain.js";
import { type FilteredEvent, parsedFor, type Values } from "../runtime/filter/filtered-event.js";
import { hiddenValues } from "../runtime/filter/hidden-values.js";
import { whyIgnored } from "../runtime/routing/filter.js";
import type { FilterDefinition, SourceDefinition } from "../runtime/stage/definition.js";
import type { EventPattern } from "../runtime/stage/event-pattern.js";
import { parseEventPattern } from "../settings/filters/event-pattern.js";
import { parseSettings, pathText, rawSettings, SettingsError } from "../settings/settings.js";
import { programFolder } from "./program-folder.js";
import { UsageError } from "./usage-error.js";

/** The filter to try: a pattern as JSON, or the filter of a stage's source. */
export type Tried =
  | { readonly pattern: string }
  | { readonly source: string; readonly stack: string; readonly stageFile: string | undefined };

/** What the filter makes of a webhook. */
export interface Trial {
  readonly match: boolean;
  /** The values that fit, or the reason why they do not. */
  readonly why: readonly string[];
}

/**
 * Tells whether a webhook passes a filter, and why.
 *
 * @param text the webhook as docs/filters.md describes it, in JSON
 * @throws UsageError for a pattern that is none, and for a source that the stage does not have
 * @throws UserError for a webhook or a stage that cannot be read
 */
export function tryFilter(tried: Tried, text: string): Trial {
  const { filter = {}, ...source } = "pattern" in tried ? patternAlone(tried.pattern) : filterOfSource(tried);
  const event = { ...source.named, ...readEvent(text, filter.pattern) };
  const type = typeof event.type === "string" ? event.type : undefined;
  const ignored = whyIgnored({ filter }, type);
  if (ignored !== undefined) return { match: false, why: [ignored] };
  if (filter.pattern === undefined) return { match: true, why: ["the filter looks at no values"] };
  const isHidden = hiddenValues(source.hiding, { hasJsonBody: true });
  const why = whyNoMatch(event, filter.pattern, isHidden);
  if (why !== undefined) return { match: false, why: [why] };
  return { match: true, why: whyMatch(event, filter.pattern, isHidden) };
}

interface TriedFilter {
  readonly filter?: FilterDefinition | undefined;
  /** What a webhook has of the source, unless it says otherwise. */
  readonly named: Partial<FilteredEvent>;
  /** What decides which values are hidden. */
  readonly hiding: Pick<SourceDefinition, "signature" | "redact" | "keepPayload">;
}

function patternAlone(text: string): TriedFilter {
  const parsed = parseEventPattern(parseText(text, "pattern", UsageError));
  if ("pattern" in parsed) return { filter: parsed, named: {}, hiding: { signature: { kind: "none" } } };
  const lines = parsed.problems.map(({ path, message }) => `  ${pathText(["pattern", ...path])}: ${message}`);
  throw new UsageError(`the pattern cannot be used:\n${lines.join("\n")}`);
}

function filterOfSource({
  source: name,
  stack,
  stageFile,
}: Exclude<Tried, { pattern: string }>): TriedFilter {
  const { project, values } = readStageConfig(programFolder, stack, stageFile);
  const { sources, history } = readSettings(values, project);
  const found = sources.find((source) => source.name === name)?.definition;
  if (found === undefined) {
    const names = sources.map((source) => source.name).join(", ");
    throw new UsageError(`stage ${stack} has no source "${name}" (sources: ${names})`);
  }
  return {
    filter: found.filter,
    named: { source: name },
    hiding: { keepPayload: history.keepPayload, ...found },
  };
}

function readSettings(values: Readonly<Record<string, string>>, project: string) {
  try {
    return parseSettings(rawSettings(values, project));
  } catch (error) {
    throw error instanceof SettingsError ? new UserError(error.message) : error;
  }
}

const texts = ["source", "type", "method"];
const collections = ["headers", "query"];

/** Reads what patterns look at. */
function readEvent(text: string, pattern: EventPattern | undefined): Partial<FilteredEvent> {
  const raw = parseText(text, "webhook", UserError);
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) {
    throw new UserError('the webhook must be an object, such as { "headers": {}, "body": { "total": 5 } }');
  }
  for (const [key, value] of Object.entries(raw)) {
    const problem = problemWith(key, value);
    if (problem !== undefined) throw new UserError(`the webhook's ${key} ${problem}`);
  }
  const exact = pattern === undefined ? raw : parsedFor(pattern, Buffer.from(text));
  const event = exact as Partial<FilteredEvent>;
  return event.headers === undefined ? event : { ...event, headers: inLowerCase(event.headers) };
}

function parseText(text: string, what: string, Problem: typeof UserError): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Problem(`the ${what} is not JSON: ${(error as Error).message}`);
  }
}

function problemWith(key: string, value: unknown): string | undefined {
  if (key === "body") return undefined;
  if (texts.includes(key)) return typeof value === "string" ? undefined : "must be a text";
  if (!collections.includes(key)) return "is not known: it has source, type, method, headers, query and body";
  const isCollection =
    typeof value === "object" &&
    value !== null &&
    !Array.isArray(value) &&
    Object.values(value)
      .flat()
      .every((one) => typeof one === "string");
  return isCollection
    ? undefined
    : "must be an object of texts, or of lists of texts for what comes several times";
}

/** Names that differ in upper and lower case are one header. */
function inLowerCase(headers: Values): Values {
  const pairs = Object.entries(headers);
  const byName = Map.groupBy(pairs, ([name]) => name.toLowerCase());
  return Object.fromEntries([...byName].map(([name, same]) => [name, same.flatMap(([, value]) => value)]));
}
