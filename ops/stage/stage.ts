import { readFileSync } from "node:fs";
import { CommandError, NothingMatchedError, UsageError } from "../../command-line/command-error.js";
import { type RunningPipeline, runningPipelines } from "../../local/running.js";
import { outputsOf } from "../../pulumi-engine/stack-outputs.js";
import { type AwsAccess, type AwsClients, awsClients } from "./clients.js";
import { readOutputs, type StageOutputs } from "./outputs.js";

/** A deployed stage, or one that runs on this machine. */
export interface Stage {
  /** The stack's name; `local:<port>` for what `npm start` runs. */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly outputs: StageOutputs;
  readonly clients: AwsClients;
  /** The pipeline on this machine, if it is one. */
  readonly local: RunningPipeline | undefined;
}

/** Which stage a command is about. */
export interface StageOptions {
  /** The stack's name, or {@link localStage}, which `:<port>` may follow. */
  readonly stack?: string;
  /** A file with the stage's outputs, as `pulumi stack output --json` writes them. */
  readonly outputs?: string;
}

/** The name of the stage that `npm start` runs on this machine; with `:<port>` if there are several. */
export const localStage = "local";

/**
 * Finds a stage: its outputs in Pulumi's backend, in a file, or in what `npm start` has written down.
 *
 * @throws CommandError for a stage that cannot be found, with what to do
 */
export async function openStage({ stack, outputs }: StageOptions): Promise<Stage> {
  if (stack === undefined) {
    throw new UsageError(
      `--stack is missing: name the stage, such as --stack dev, or --stack ${localStage} for what npm start runs`,
    );
  }
  if (outputs !== undefined) return stageOf(stack, readOutputs(readJson(outputs), outputs));
  const [, isLocal, port] = /^(local)(?::(\d+))?$/.exec(stack) ?? [];
  if (isLocal !== undefined) return openLocalStage(runningPipelines(), port);
  const values = await outputsOf("outputs", stack, "clear");
  return stageOf(stack, readOutputs(values, `the stack ${stack}`));
}

/**
 * The stage that runs on this machine.
 *
 * @param port of the gateway. Absent: the only one
 */
export function openLocalStage(running: readonly RunningPipeline[], port?: string): Stage {
  if (running.length === 0) {
    throw new NothingMatchedError("no pipeline runs on this machine", { next: "npm start" });
  }
  const places = running.map((each) => `stage ${each.stack} on port ${each.port}`).join(", ");
  const [only, ...others] =
    port === undefined ? running : running.filter((each) => String(each.port) === port);
  if (only === undefined)
    throw new NothingMatchedError(`no pipeline runs on port ${port}: there is ${places}`);
  if (others.length > 0) {
    throw new UsageError(
      `${running.length} pipelines run on this machine: name one, such as --stack ${localStage}:${only.port} (${places}), or stop all but one`,
    );
  }
  const { endpoint, region, accessKeyId, secretAccessKey } = only.aws;
  const access = { endpoint, region, credentials: { accessKeyId, secretAccessKey } };
  const outputs = readOutputs(only.outputs, `the pipeline on port ${only.port}`);
  return { ...stageOf(`${localStage}:${only.port}`, outputs, access), local: only };
}

/** A stage whose outputs are known. The topic's ARN tells the account and the Region. */
export function stageOf(name: string, outputs: StageOutputs, access: Partial<AwsAccess> = {}): Stage {
  const [, , , region = "", account = ""] = outputs.alarmTopicArn.split(":");
  return { name, account, region, outputs, clients: awsClients({ region, ...access }), local: undefined };
}

/** Stage, account and Region, as they are named before anything is written. */
export function titleOf({ name, account, region, local }: Stage): string {
  const place =
    local === undefined ? `account ${account}, Region ${region}` : `this machine, port ${local.port}`;
  return `stage ${name} (${place})`;
}

function readJson(file: string): unknown {
  let text: string;
  try {
    text = readFileSync(file, "utf8");
  } catch (error) {
    throw new UsageError(`--outputs names ${file}, which cannot be read: ${(error as Error).message}`);
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new CommandError(`${file} is not JSON: ${(error as Error).message}`, {
      next: "pulumi stack output --json > outputs.json",
    });
  }
}
