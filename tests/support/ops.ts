import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { afterAll, vi } from "vitest";
import { runCommand } from "../../command-line/run-command.js";
import { type LocalPipeline, type PipelineOptions, startPipeline } from "../../local/pipeline.js";
import { operatorsCommand } from "../../ops/command.js";

/** What a command has written, and how it ended. */
export interface Ran {
  readonly code: number;
  /** Data: standard output. */
  readonly data: string;
  /** Words for people: standard error. */
  readonly told: string;
}

export interface RunOptions {
  readonly stdin?: string;
  /** Called with all data so far, whenever there is more. */
  readonly onData?: (text: string) => void;
  /** Called with all words so far, whenever there are more. */
  readonly onTold?: (text: string) => void;
}

/** A stage that runs in this process, and the operator's command on it. */
export interface OperatedStage extends LocalPipeline {
  /** Runs `npm run ops -- <args>` on the stage, without a terminal. */
  ops(args: readonly string[], options?: RunOptions): Promise<Ran>;
}

/**
 * Starts a stage in this process. Commands reach it as they reach AWS: by a file of outputs and the SDK's environment.
 */
export async function startOperated(options: PipelineOptions): Promise<OperatedStage> {
  const pipeline = await startPipeline(options);
  const folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-ops-"));
  const outputs = join(folder, "outputs.json");
  writeFileSync(outputs, JSON.stringify({ ...pipeline.graph.outputs, endpoints: pipeline.endpoints }));
  vi.stubEnv("XDG_STATE_HOME", join(folder, "state"));
  vi.stubEnv("AWS_ENDPOINT_URL", pipeline.aws.endpoint);
  vi.stubEnv("AWS_ACCESS_KEY_ID", pipeline.aws.key.accessKeyId);
  vi.stubEnv("AWS_SECRET_ACCESS_KEY", pipeline.aws.key.secretAccessKey);
  afterAll(async () => {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
    await pipeline.stop();
  });
  return {
    ...pipeline,
    ops: (args, run) => operate([...args, "--stack", "test", "--outputs", outputs], run),
  };
}

/** Runs the operator's command without a terminal. */
export async function operate(
  args: readonly string[],
  { stdin = "", onData = () => {}, onTold = () => {} }: RunOptions = {},
): Promise<Ran> {
  const written = { data: "", told: "" };
  const into = (part: keyof typeof written) =>
    new Writable({
      write(chunk, _, done) {
        written[part] += String(chunk);
        (part === "told" ? onTold : onData)(written[part]);
        done();
      },
    });
  const code = await runCommand(operatorsCommand, args, {
    stdin: stdin === "" ? new PassThrough().end() : Readable.from([stdin]),
    stdout: into("data"),
    stderr: into("told"),
    env: { NO_COLOR: "1", XDG_STATE_HOME: process.env.XDG_STATE_HOME },
  });
  return { code, ...written };
}
