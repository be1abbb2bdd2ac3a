import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SourceDefinition } from "../runtime/stage/definition.js";
import type { SenderKeys } from "../samples/sender-keys.js";
import { programFolder } from "./program-folder.js";

/** What `npm run send` and `npm run ops` have to know of a pipeline that `npm start` runs. */
export interface RunningPipeline {
  /** Id of the process. */
  readonly pid: number;
  readonly stack: string;
  /** Port of the gateway. */
  readonly port: number;
  readonly sources: readonly RunningSource[];
  /** How its AWS services are reached. */
  readonly aws: {
    readonly endpoint: string;
    readonly region: string;
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
  };
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

export interface RunningSource {
  readonly definition: Pick<SourceDefinition, "name" | "signature" | "eventId" | "eventType">;
  /** Name of the provider's file; absent for a scheme of one's own. */
  readonly provider?: string;
  /** The URL that its webhooks are posted to. */
  readonly endpoint: string;
  /** Headers that the front door asks for, besides those of the source's scheme. */
  readonly headers: Readonly<Record<string, string>>;
  /** Absent where only the provider can sign. */
  readonly keys?: SenderKeys;
}

/** Where tools of npm packages keep what is of this machine only. */
const folder = join(programFolder, "node_modules", ".cache", "webhook-pipeline");

const fileOf = (port: number) => join(folder, `${port}.json`);

/**
 * Writes down that a pipeline runs, for this user alone, because the keys of its senders are in it. They are worth nothing
 * elsewhere.
 *
 * @returns forgets it again. That also happens when the process ends, short of a SIGKILL
 */
export function rememberRunning(pipeline: RunningPipeline): () => void {
  mkdirSync(folder, { recursive: true });
  const file = fileOf(pipeline.port);
  rmSync(file, { force: true });
  writeFileSync(file, JSON.stringify(pipeline), { mode: 0o600 });
  const forget = () => {
    process.off("exit", forget);
    rmSync(file, { force: true });
  };
  process.on("exit", forget);
  return forget;
}

/** The pipelines that run now. What a killed one has left behind is removed. */
export function runningPipelines(): RunningPipeline[] {
  return filesIn(folder).flatMap((name) => {
    const file = join(folder, name);
    try {
      const pipeline = JSON.parse(readFileSync(file, "utf8")) as RunningPipeline;
      if (isAlive(pipeline.pid)) return pipeline;
    } catch {
      // Another process has removed it, or was killed while it wrote it.
    }
    rmSync(file, { force: true });
    return [];
  });
}

function filesIn(path: string): string[] {
  try {
    return readdirSync(path).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    // It is another user's.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}
