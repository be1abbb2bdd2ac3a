import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { UserError } from "./user-error.js";

/** A stage's configuration as the engine hands it to the program: text by full key, objects as JSON. */
export interface StageConfig {
  readonly project: string;
  /** The program's entry as `Pulumi.yaml` names it. */
  readonly main: string | undefined;
  readonly values: Readonly<Record<string, string>>;
}

/**
 * Reads `Pulumi.yaml` and the stage's file the way the engine does: declared defaults first, the stage's values over them.
 * A value stored encrypted becomes a placeholder, since its key is not on this machine.
 *
 * @param program folder of the Pulumi program
 * @param file another file to read in place of `Pulumi.<stack>.yaml`
 * @throws UserError when a file is missing or is not YAML
 */
export function readStageConfig(
  program: string,
  stack: string,
  file = join(program, `Pulumi.${stack}.yaml`),
): StageConfig {
  const project = readYaml(join(program, "Pulumi.yaml")) as {
    name: string;
    main?: string;
    config?: Record<string, { default?: unknown; value?: unknown }>;
  };
  if (!existsSync(file)) {
    throw new UserError(
      `there is no stage "${stack}": ${file} does not exist (stages: ${stagesIn(program).join(", ")})`,
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
  return { project: project.name, main: project.main, values };
}

function readYaml(file: string): unknown {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (error) {
    throw new UserError(`${file} cannot be read as YAML: ${(error as Error).message.split("\n")[0]}`);
  }
}

function stagesIn(program: string): string[] {
  return readdirSync(program).flatMap((name) => /^Pulumi\.(.+)\.yaml$/.exec(name)?.[1] ?? []);
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
