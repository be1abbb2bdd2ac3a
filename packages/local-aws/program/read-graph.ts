import { existsSync, readFileSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import type { Graph } from "./graph.js";
import { partitionOf } from "./partition.js";
import { recordProgram } from "./record-program.js";
import { readStageConfig } from "./stage-file.js";
import { UserError } from "./user-error.js";

export interface ReadGraphOptions {
  /** Folder of the Pulumi program: its `Pulumi.yaml`, stage files and entry are there. */
  readonly program: string;
  readonly stack: string;
  /** Another file in place of `Pulumi.<stack>.yaml`. */
  readonly stageFile?: string | undefined;
  /** Changes settings before the program sees them, by full key; values as in the stage file. */
  readonly overrides?: Readonly<Record<string, unknown>> | undefined;
  /**
   * Origin of queue URLs.
   *
   * @default the Region's SQS endpoint
   */
  readonly endpoint?: string;
}

/** The account that everything on this machine belongs to. */
export const localAccount = "000000000000";

/**
 * Runs a program under Pulumi's mocks with a stage's real configuration and returns what it registered, without
 * credentials, CLI or network. Pulumi's runtime is one for the whole process: calls made at the same time run one after
 * another.
 *
 * @throws whatever the program throws; UserError for a stage file or a program that is missing
 */
export async function readGraph(options: ReadGraphOptions): Promise<Graph> {
  const { program, stack, stageFile, overrides = {}, endpoint } = options;
  const { project, main, values } = readStageConfig(program, stack, stageFile);
  const entry = entryOf(program, main);
  const config = { ...values, ...asConfig(overrides) };
  const region = config["aws:region"] ?? "us-east-1";
  const place = {
    account: localAccount,
    region,
    endpoint: endpoint ?? `https://sqs.${region}.${partitionOf(region).dnsSuffix}`,
  };
  const recorded = await recordProgram({ project, stack, place, config }, () => evaluate(entry));
  return { project, stack, region, account: localAccount, ...recorded };
}

/** `main` in `Pulumi.yaml`, a file or a folder, then `main` in the folder's `package.json`: as Pulumi finds a program. */
function entryOf(program: string, main = "."): string {
  const place = resolve(program, main);
  if (existsSync(place) && statSync(place).isFile()) return place;
  const entry = join(place, packageMain(place) ?? "index.ts");
  if (existsSync(entry)) return entry;
  throw new UserError(
    `${entry} is not there: name the program's entry as "main" in Pulumi.yaml or package.json`,
  );
}

function packageMain(folder: string): string | undefined {
  const file = join(folder, "package.json");
  if (!existsSync(file)) return undefined;
  return (JSON.parse(readFileSync(file, "utf8")) as { main?: string }).main;
}

let evaluations = 0;

/** The program's outputs: its exports, or its default export instead, as Pulumi takes them. */
async function evaluate(entry: string): Promise<Record<string, unknown>> {
  // A query makes Node evaluate the entry again: one process may read several graphs.
  const url = `${pathToFileURL(entry).href}?run=${++evaluations}`;
  const { default: outputs, ...exported } = await import(/* @vite-ignore */ url);
  return outputs ?? exported;
}

function asConfig(overrides: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(overrides).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}
