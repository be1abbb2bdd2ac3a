import { readStageConfig } from "local-aws";
import { startPipeline } from "../pipeline.js";
import { programFolder } from "../program-folder.js";
import { onStopSignal } from "../stop-signal.js";
import { deliveries } from "./deliveries.js";
import { judge } from "./promises.js";
import { report } from "./report.js";
import { send, settle } from "./run.js";
import { shop } from "./shop.js";

const stack = "dev";

/** How long all webhooks may take to end. The one that always fails takes longest because of its retries. */
const settleSeconds = 45;

/**
 * Runs the pipeline of the dev stage on this machine, sends webhooks of every kind through it, and reports what became
 * of each and whether the product's promises held.
 *
 * @param print shows text to whoever started it, on lines of its own
 * @returns the process's exit code: 1 if a promise was broken
 */
export async function demo(print: (text: string) => void): Promise<number> {
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1_000).toFixed(1)} s`;

  onStopSignal((exitCode) => process.exit(exitCode));
  const pipeline = await startPipeline({ stack, overrides: demoSettings() });
  try {
    print(`${seconds()}  the pipeline of stage "${stack}" runs on ${pipeline.url}`);
    const sent = await send(pipeline, await deliveries(pipeline.secrets.values));
    print(
      `${seconds()}  ${sent.flatMap(({ answers }) => answers).length} webhooks sent, waiting for the last retry`,
    );
    const aftermath = await settle(pipeline, sent, settleSeconds);
    print(
      `${seconds()}  ${aftermath.settled ? "all webhooks have ended" : `not all webhooks ended within ${settleSeconds} s`}`,
    );

    const verdicts = await judge(pipeline, aftermath);
    print(report(pipeline, aftermath, verdicts));
    const broken = verdicts.filter((verdict) => verdict.broken.length > 0);
    if (broken.length > 0) print(`${broken.length} of ${verdicts.length} promises were broken`);
    else print(aftermath.settled ? "every promise held" : "not every webhook ended in time");
    return broken.length === 0 && aftermath.settled ? 0 : 1;
  } finally {
    await pipeline.stop();
  }
}

/** The stage's own settings with more sources, one of them with subscribers, handlers that count their runs, and an address for alarms. */
function demoSettings(): Record<string, unknown> {
  const { project, values } = readStageConfig(programFolder, stack);
  const setting = (group: string) => JSON.parse(values[`${project}:${group}`] ?? "{}");
  return {
    [`${project}:sources`]: [
      ...setting("sources"),
      { name: "binary", signature: { scheme: "hmac", header: "x-signature" }, eventId: ["body"] },
      { name: "poison", signature: { scheme: "none" }, eventId: ["body"] },
      {
        name: shop.source,
        signature: { scheme: "none" },
        eventId: ["json:id"],
        subscribers: [...shop.working, shop.failing].map((name) => ({
          name,
          target: { handler: `${shop.source}-${name}` },
          // The demo shows what ends in the dead-letter queue, and does not wait until a target is tried again.
          ...(name === shop.failing ? { breaker: false } : {}),
        })),
      },
    ],
    [`${project}:processor`]: { ...setting("processor"), handlersFolder: "local/demo/handlers" },
    [`${project}:alarms`]: { ...setting("alarms"), email: ["on-call@example.com"] },
  };
}
