import type { z } from "zod";
import {
  alarmsSchema,
  apiSchema,
  encryptionSchema,
  historySchema,
  processorSchema,
  protectSchema,
  queueSchema,
  tagsSchema,
} from "./groups.js";
import { brokenRules, leastVisibilitySeconds } from "./rules.js";
import { sourcesSchema } from "./sources.js";

const schemas = {
  sources: sourcesSchema,
  api: apiSchema,
  queue: queueSchema,
  processor: processorSchema,
  history: historySchema,
  alarms: alarmsSchema,
  encryption: encryptionSchema,
  protect: protectSchema,
  tags: tagsSchema,
};

type Group = keyof typeof schemas;

/** The groups, each right in itself. */
export type Parsed = { [group in Group]: z.output<(typeof schemas)[group]> };

/** A stage's settings, complete and checked. */
export interface Settings extends Parsed {
  readonly queue: Parsed["queue"] & { readonly visibilityTimeoutSeconds: number };
}

/** All that is wrong with a stage's settings, a line each: `sources[2].signature.header: …`. */
export class SettingsError extends Error {
  override readonly name = "SettingsError";

  constructor(readonly problems: readonly string[]) {
    const count = problems.length === 1 ? "1 problem" : `${problems.length} problems`;
    super(`the stage's settings have ${count}:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  }
}

/**
 * The settings in a stage's configuration, as `parseSettings` takes them. The engine hands over objects and lists as JSON
 * and everything else as text.
 *
 * @param config text by full key
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
        /^\s*[[{]|^(true|false)$/.test(text) ? (JSON.parse(text) as unknown) : text,
      ]),
  );
}

/**
 * Checks a stage's settings and fills in the defaults.
 *
 * @param raw the groups as they stand in the stage's file
 * @throws SettingsError with every problem there is, whichever group it is in
 */
export function parseSettings(raw: Readonly<Record<string, unknown>>): Settings {
  const groups = Object.keys(schemas) as Group[];
  const problems = Object.keys(raw)
    .filter((key) => !groups.includes(key as Group))
    .map((key) => `${key}: is not a setting (there are ${groups.join(", ")})`);

  const parsed: Partial<Record<Group, unknown>> = {};
  for (const group of groups) {
    const result = schemas[group].safeParse(raw[group], { reportInput: true });
    if (result.success) parsed[group] = result.data;
    else problems.push(...result.error.issues.flatMap((issue) => describe(issue, [group, ...issue.path])));
  }

  const settings = withVisibilityTimeout(parsed as Partial<Parsed>);
  problems.push(...brokenRules(settings));
  if (problems.length > 0) throw new SettingsError(problems);
  return settings as Settings;
}

/** As much of the settings as is right so far. */
export type Partially = { [group in Group]?: Parsed[group] | undefined };

function withVisibilityTimeout(parsed: Partially): Partially {
  const { queue, processor } = parsed;
  if (!queue || !processor) return parsed;
  const visibilityTimeoutSeconds = queue.visibilityTimeoutSeconds ?? leastVisibilitySeconds(processor);
  return { ...parsed, queue: { ...queue, visibilityTimeoutSeconds } };
}

function describe(issue: z.core.$ZodIssue, path: readonly PropertyKey[]): string[] {
  if (issue.code === "unrecognized_keys") {
    return issue.keys.map((key) => `${pathText([...path, key])}: is not a setting`);
  }
  // A union reports the branches it tried; the discriminator's own message is the helpful one.
  if (issue.code === "invalid_union" && "discriminator" in issue) {
    // The kind that may be left out is an option without a name besides.
    const named =
      "options" in issue ? (issue.options as unknown[]).filter((option) => option !== undefined) : [];
    const options = named.length === 0 ? "" : ` (one of ${named.join(", ")})`;
    return [`${pathText(path)}: ${issue.input === undefined ? "is missing" : "is not known"}${options}`];
  }
  if (issue.code === "invalid_type" && issue.input === undefined) return [`${pathText(path)}: is missing`];
  return [`${pathText(path)}: ${issue.message}`];
}

function pathText(path: readonly PropertyKey[]): string {
  return path
    .map((part, index) =>
      typeof part === "number" ? `[${part}]` : index === 0 ? String(part) : `.${String(part)}`,
    )
    .join("");
}
