import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { parse } from "yaml";
import { UserError } from "./user-error.js";

/** Folder of the Pulumi program: this file's parent. */
export const projectFolder = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));

/** A stage's configuration as the engine hands it to the program: text by full key, objects as JSON. */
export interface StageConfig {
  readonly project: string;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Reads `Pulumi.yaml` and the stage's file the way the engine does: declared defaults first, the stage's values over them.
 * A value stored encrypted becomes a placeholder, since its key is not on this machine.
 *
 * @param file another file to read in place of `Pulumi.<stack>.yaml`
 * @throws UserError when a file is missing or is not YAML
 */
export function readStageConfig(
  stack: string,
  file = join(projectFolder, `Pulumi.${stack}.yaml`),
): StageConfig {
  const project = readYaml(join(projectFolder, "Pulumi.yaml")) as {
    name: string;
    config?: Record<string, { default?: unknown; value?: unknown }>;
  };
  if (!existsSync(file)) {
    throw new UserError(
      `there is no stage "${stack}": ${file} does not exist (stages: ${stagesHere().join(", ")})`,
    );
  }
  const stage = readYaml(file) as { config?: Record<string, unknown> } | null;
  const fullKey = (key: string) => (key.includes(":") ? key : `${project.name}:${key}`);

  const values: Record<string, string> = {};
  for (const [key, declared] of Object.entries(project.config ?? {})) {
    const value = declared.value ?? declared.default;
    if (value !== undefined) values[fullKey(key)] = asText(value);
  }
  for (const [key, value] of Object.entries(stage?.config ?? {})) values[fullKey(key)] = asText(value);
  return { project: project.name, values };
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(`${file} cannot be read as YAML: ${(error as Error).message.split("\n")[0]}`);
  }
}

function stagesHere(): string[] {
  return readdirSync(projectFolder).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
}

function asText(value: unknown): string {
  const plain = withoutSecure(value);
  return typeof plain === "object" ? JSON.stringify(plain) : String(plain);
}

function withoutSecure(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutSecure);
  if (typeof value !== "object" || value === null) return value;
  if ("secure" in value) return "encrypted-placeholder";
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, withoutSecure(inner)]));
}
