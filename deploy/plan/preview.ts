import type { Console } from "../../command-line/console.js";
import type { Traffic } from "../../cost/traffic.js";
import type { OpenStack } from "../../pulumi-engine/open-stack.js";
import { runEngine } from "../engine/run.js";
import type { DeployedStage } from "../engine/stage.js";
import { type Plan, readPlan } from "./changes.js";
import { type MonthlyCost, monthlyCostOf } from "./monthly-cost.js";
import { type Notice, noticesOf } from "./notices.js";
import { countMessages } from "./waiting.js";

export interface Preview {
  readonly plan: Plan;
  readonly notices: readonly Notice[];
  /** Undefined if nobody said what senders send. */
  readonly cost: MonthlyCost | undefined;
}

export interface PreviewOptions {
  /** Whether AWS is asked first what it has. */
  readonly refresh: boolean;
  /** Folder of the policy pack to run, if one is. */
  readonly policyPack?: string | undefined;
  /** What senders send, if the monthly cost is to be told. */
  readonly traffic?: Traffic;
  /** URNs of the only resources that may change. Default: all may. */
  readonly target?: readonly string[];
}

/** Asks the engine what an update would do, and says what that means. */
export async function preview(
  console: Console,
  command: string,
  stage: DeployedStage,
  options: PreviewOptions,
): Promise<Preview> {
  const plan = await planOf(console, command, stage, options);
  return explained(plan, stage, options);
}

/**
 * Asks the engine what an update would do.
 *
 * @param signal ends it early
 */
export async function planOf(
  console: Console,
  command: string,
  { name, stack }: OpenStack,
  { refresh, policyPack, target = [] }: PreviewOptions,
  signal?: AbortSignal,
): Promise<Plan> {
  const events = await runEngine({ command, stack: name, console, writes: false, signal }, (watching) =>
    stack.preview({
      ...watching,
      refresh,
      ...(policyPack === undefined ? {} : { policyPacks: [policyPack] }),
      ...(target.length === 0 ? {} : { target: [...target] }),
    }),
  );
  return readPlan(events);
}

/** What a plan means for what waits in the stage's queues, and costs. */
export async function explained(
  plan: Plan,
  { clients }: DeployedStage,
  { traffic }: Pick<PreviewOptions, "traffic">,
): Promise<Preview> {
  return {
    plan,
    notices: await noticesOf(plan, countMessages(clients)),
    cost: traffic === undefined ? undefined : monthlyCostOf(plan, traffic),
  };
}
