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
import { httpProblems } from "./http-ingest.js";
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
type Parsed = { [group in Group]: z.output<(typeof schemas)[group]> };

/** A stage's settings, complete and checked. */
export interface Settings extends Parsed {
  readonly queue: Parsed["queue"] & { readonly visibilityTimeoutSeconds: number };
}

/** The dead-letter queue keeps messages as long as SQS can. */
export const deadLetterRetentionDays = 14;

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
  problems.push(...crossChecks(settings));
  if (problems.length > 0) throw new SettingsError(problems);
  return settings as Settings;
}

type Partially = { [group in Group]?: Parsed[group] | undefined };

function withVisibilityTimeout(parsed: Partially): Partially {
  const { queue, processor } = parsed;
  if (!queue || !processor) return parsed;
  const visibilityTimeoutSeconds = queue.visibilityTimeoutSeconds ?? leastVisibilitySeconds(processor);
  return { ...parsed, queue: { ...queue, visibilityTimeoutSeconds } };
}

/** docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: six times the function's timeout, plus the window. */
function leastVisibilitySeconds(processor: Parsed["processor"]): number {
  return 6 * processor.timeoutSeconds + processor.batchWindowSeconds;
}

/** Rules between settings. Each looks only at groups that are right in themselves, so that all problems show at once. */
function crossChecks({ sources, api, queue, processor, history }: Partially): string[] {
  const problems: string[] = [];

  if (api?.kind === "http") {
    problems.push(...httpProblems(sources ?? [], { onExistingApi: api.existing !== undefined }));
  }
  for (const [index, { ingest, carryHeaders }] of (sources ?? []).entries()) {
    if (api && api.kind !== "http" && carryHeaders.length > 0) {
      problems.push(`sources[${index}].carryHeaders: is of no use without api.kind http: all are carried`);
    }
    if (api?.bodyMode === "bytes" && ingest.edgeSchema !== undefined) {
      problems.push(
        `sources[${index}].edgeSchema: needs api.bodyMode text: API Gateway cannot look into bytes`,
      );
    }
    for (const key of ["orderBy", "deduplicateBy"] as const) {
      if (queue?.type === "standard" && ingest[key] !== undefined) {
        problems.push(`sources[${index}].${key}: needs queue.type fifo: a standard queue keeps no order`);
      }
    }
  }
  if (queue?.type === "fifo" && processor && processor.batchSize > 10) {
    problems.push("processor.batchSize: must be at most 10 with queue.type fifo (AWS refuses more)");
  }
  if (queue?.type === "fifo" && processor && processor.batchWindowSeconds > 0) {
    problems.push("processor.batchWindowSeconds: must be 0 with queue.type fifo (AWS refuses a window)");
  }

  const names = sources?.map(({ name }) => name) ?? [];
  for (const [index, name] of names.entries()) {
    const first = names.indexOf(name);
    if (first < index)
      problems.push(`sources[${index}].name: "${name}" is already the name of sources[${first}]`);
  }

  if (processor) {
    const { batchSize, batchWindowSeconds, backoff } = processor;
    if (batchSize > 10 && batchWindowSeconds < 1) {
      problems.push(
        "processor.batchWindowSeconds: must be at least 1 when batchSize is more than 10 (AWS refuses it)",
      );
    }
    if (backoff.maxSeconds < backoff.baseSeconds) {
      problems.push("processor.backoff.maxSeconds: must not be less than baseSeconds");
    }
    if (leastVisibilitySeconds(processor) > 43_200) {
      problems.push("processor.timeoutSeconds: six times this plus the window must fit into 43200 seconds");
    }
  }

  if (queue?.visibilityTimeoutSeconds !== undefined && processor) {
    const least = leastVisibilitySeconds(processor);
    if (queue.visibilityTimeoutSeconds < least) {
      problems.push(
        `queue.visibilityTimeoutSeconds: must be at least ${least}, six times processor.timeoutSeconds plus ` +
          "batchWindowSeconds, else SQS delivers webhooks that are still being worked on",
      );
    }
  }

  if (queue && history) {
    const least = queue.retentionDays + deadLetterRetentionDays;
    if (history.ttlDays <= least) {
      problems.push(
        `history.ttlDays: must be more than ${least}, the days a webhook may wait in both queues, ` +
          "else one that is redriven late would be handled twice",
      );
    }
  }
  return problems;
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
