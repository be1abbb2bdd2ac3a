import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { localAccount, readStageConfig } from "local-aws";
import { stringify } from "yaml";
import { startEngine } from "./engine.js";
import { type NodeCommand, runNode, underPulumi } from "./language-runtime.js";

/** Milliseconds from a process's start to its end, one figure a round; the same place in each is the same round. */
export interface Starts {
  /** A program that imports both providers, and does nothing. */
  readonly bareImport: readonly number[];
  /** Stage dev under Pulumi's language runtime, as in every preview. */
  readonly program: readonly number[];
  /** `npm run synth` of a stage with {@link dedicatedSources} queues of their own. */
  readonly synth: readonly number[];
}

export const dedicatedSources = 50;

/** Times each process in turns, so that whatever slows the machine down slows all of them down. */
export async function timeStarts(rounds: number, onProgress: (step: string) => void): Promise<Starts> {
  const folder = await mkdtemp(join(tmpdir(), "webhook-bench-"));
  const engine = await startEngine({
    account: localAccount,
    region: "eu-west-1",
    endpoint: "https://sqs.eu-west-1.amazonaws.com",
  });
  try {
    const stageFile = join(folder, "Pulumi.dedicated.yaml");
    await writeFile(stageFile, stringify(stageWithDedicatedSources()));
    const program = await underPulumi(engine, "dev", readStageConfig(".", "dev"));
    const bareImport = { args: ["--import", "tsx", "bench/start/bare-import.ts"] };
    const synth = { args: ["--import", "tsx", "local/cli.ts", "synth", "bench", "--file", stageFile] };

    const starts = { bareImport: [] as number[], program: [] as number[], synth: [] as number[] };
    // The first round only brings the files into the machine's caches.
    for (let round = 0; round <= rounds; round++) {
      onProgress(round === 0 ? "starting everything once" : `round ${round} of ${rounds}`);
      const taken = [await time(bareImport), await time(program), await time(synth)] as const;
      const errors = engine.takeErrors();
      if (errors.length > 0) throw new Error(`the program failed: ${errors.join("\n")}`);
      if (round === 0) continue;
      starts.bareImport.push(taken[0]);
      starts.program.push(taken[1]);
      starts.synth.push(taken[2]);
    }
    return starts;
  } finally {
    engine.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

async function time(command: NodeCommand): Promise<number> {
  const startedAt = performance.now();
  await runNode(command);
  return performance.now() - startedAt;
}

function stageWithDedicatedSources(): object {
  const sources = Array.from({ length: dedicatedSources }, (_, index) => ({
    name: `source-${index}`,
    signature: { scheme: "github" },
    queue: "dedicated",
  }));
  return { config: { "aws:region": "eu-west-1", "webhook-pipeline:sources": sources } };
}
