import type { z } from "zod";
import { plannedAgeOfOldest } from "./retries/retry-rules.js";
import { brokenRules, leastVisibilitySeconds, mostPerBatch } from "./rules.js";
import { type Group, type Parsed, type Partially, type Settings, schemas } from "./schemas.js";

export type { Settings, SettingsInput, WebhookPipelineArgs } from "./schemas.js";

/** All problems in settings, one line each: `sources[2].signature.header: …`. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(readonly problems: readonly string[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`the settings have ${count}:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  }
}

/**
 * The settings in a stage's configuration, in the form that `parseSettings` takes. The engine passes objects and lists
 * as JSON and everything else as text.
 *
 * @param config texts by their full keys
 * @param project the program's own namespace
 */
export function rawSettings(
  config: Readonly<Record<string, string>>,
  project: string,
): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(config)
      .filter(([key]) => key.startsWith(`${project}:`))
      .map(([key, text]) => [
        key.slice(project.length + 1),
        /^\s*[[{]|^(true|false)$/.test(text) ? parsedJson(key.slice(project.length + 1), text) : text,
      ]),
  );
}

function parsedJson(key: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SettingsError([
      `${key}: begins like JSON and is not JSON (${(error as Error).message}): write it in the stage's file as YAML`,
    ]);
  }
}

/**
 * Checks settings and fills in the defaults.
 *
 * @param raw the groups as they are written
 * @throws SettingsError with every problem of every group
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>): Settings {
  const groups = Object.keys(schemas) as Group[];
  const problems = Object.keys(raw)
    .filter((key) => !groups.includes(key as Group))
    .map((key) => `${key}: is not a setting; the settings are ${groups.join(", ")}`);

  const parsed: Partial<Record<Group, unknown>> = {};
  for (const group of groups) {
    const result = schemas[group].safeParse(raw[group], { reportInput: true });
    if (result.success) parsed[group] = result.data;
    else problems.push(...result.error.issues.flatMap((issue) => describe(issue, [group, ...issue.path])));
  }

  const settings = withBatchSize(withVisibilityTimeout(parsed as Partial<Parsed>));
  problems.push(...brokenRules(settings));
  if (problems.length > 0) throw new SettingsError(problems);
  return withCanary(withAgeOfOldest(settings as Omit<Settings, "alarms"> & Parsed));
}

/** A quarter of an hour, from which on somebody is told of what waits, in seconds. */
const usualAgeOfOldest = 900;

function withVisibilityTimeout(parsed: Partially): Partially {
  const { queue, processor } = parsed;
  if (!queue || !processor) return parsed;
  const visibilityTimeoutSeconds = queue.visibilityTimeoutSeconds ?? leastVisibilitySeconds(processor);
  return { ...parsed, queue: { ...queue, visibilityTimeoutSeconds } };
}

function withAgeOfOldest(settings: Omit<Settings, "alarms"> & Parsed): Settings {
  const { oldestMessageSeconds = Math.max(usualAgeOfOldest, plannedAgeOfOldest(settings) + 1) } =
    settings.alarms;
  return { ...settings, alarms: { ...settings.alarms, oldestMessageSeconds } };
}

/** The canary's source is one whose webhooks are waited for. */
function withCanary(settings: Settings): Settings {
  const canary = settings.alarms.canary?.source;
  return {
    ...settings,
    sources: settings.sources.map((source) =>
      source.name === canary ? { ...source, definition: { ...source.definition, expected: true } } : source,
    ),
  };
}

function withBatchSize(parsed: Partially): Partially {
  const { queue, processor } = parsed;
  if (!queue || !processor) return parsed;
  const batchSize = processor.batchSize ?? Math.min(10, mostPerBatch(processor, queue));
  return { ...parsed, processor: { ...processor, batchSize } };
}

function describe(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${pathText([...path, key])}: is not a setting`);
  }
  // A key's own message says what is wrong with it.
  if (issue.code === "invalid_key")
    return [`${pathText(path)}: ${issue.issues[0]?.message ?? issue.message}`];
  // A union reports the branches that it tried. The discriminator's own message is the helpful one.
  if (issue.code === "invalid_union" && "discriminator" in issue) {
    // A kind that may be left out is also an option without a name.
    const named =
      "options" in issue ? (issue.options as unknown[]).filter((option) => option !== undefined) : [];
    const options = named.length === 0 ? "" : ` (one of ${named.join(", ")})`;
    return [`${pathText(path)}: ${issue.input === undefined ? "is missing" : "is not known"}${options}`];
  }
  if (issue.code === "invalid_type" && issue.input === undefined) return [`${pathText(path)}: is missing`];
  return [`${pathText(path)}: ${issue.message}`];
}

/** A path as messages show it: `sources[2].signature.header`. */
export function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`,
    )
    .join("");
}
