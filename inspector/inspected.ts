import type { Stage } from "../ops/stage/stage.js";
import type { HistoryItem } from "../runtime/history/item.js";
import { Actions } from "./acting/actions.js";
import { Plans } from "./acting/plans.js";
import type { LaptopFacts, StageIdentity } from "./contract.js";
import { HistoryFeed } from "./stream/history-feed.js";
import { PipelineWatch } from "./stream/pipeline-watch.js";

/** What only the pipeline in this process knows of its webhooks. */
export interface Laptop {
  factsOf(item: HistoryItem): LaptopFacts;
}

/** The stage that is looked at, and what goes on with it. */
export interface Inspected {
  readonly stage: Stage;
  /** Whether actions are taken. */
  readonly isWritable: boolean;
  readonly feed: HistoryFeed;
  readonly pipeline: PipelineWatch;
  readonly plans: Plans;
  readonly actions: Actions;
  readonly laptop: Laptop | undefined;
}

/** Between two looks, in milliseconds. On AWS a look costs a small read for each source and shard, and some metrics. */
const pauses = {
  local: { history: 1_000, pipeline: 2_000 },
  aws: { history: 2_000, pipeline: 15_000 },
} as const;

/** Gets ready to look at a stage. Nothing is read before somebody asks. */
export async function inspect(
  stage: Stage,
  { isWritable, laptop }: Pick<Inspected, "isWritable" | "laptop">,
): Promise<Inspected> {
  const { history, pipeline } = pauses[stage.local === undefined ? "aws" : "local"];
  const feed = await HistoryFeed.of(stage, history);
  return {
    stage,
    isWritable,
    laptop,
    feed,
    pipeline: new PipelineWatch(stage, pipeline, ({ lanes }) =>
      feed.queuesWait(1_000 * Math.max(0, ...lanes.map(({ oldestSeconds = 0 }) => oldestSeconds))),
    ),
    plans: new Plans(),
    actions: new Actions(),
  };
}

/** What every answer names. */
export function identityOf({ stage, isWritable }: Pick<Inspected, "stage" | "isWritable">): StageIdentity {
  const { name, account, region, local } = stage;
  return { name, account, region, isLocal: local !== undefined, isWritable };
}
