import { statuses } from "../../ops/history/choose.js";
import { usualHours } from "../../ops/history/time-window.js";
import { lanesOf } from "../../ops/lanes/find-lane.js";
import type { Stage } from "../../ops/stage/stage.js";
import { providers } from "../../providers/support/known.js";
import type { HistoryStatus } from "../../runtime/history/item.js";
import { outcomes } from "../../runtime/history/outcome.js";
import type { StageFacts, Tone } from "../contract.js";

/** What does not change of a stage while it is looked at. */
export function stageFacts(stage: Stage): StageFacts {
  const { outputs, local } = stage;
  const lanes = lanesOf(outputs);
  return {
    sources: Object.entries(outputs.operations.sources).map(([name, source]) => {
      const { provider, signature, subscribers } = source;
      const displayName = provider === undefined ? undefined : providers[provider]?.displayName;
      const running = local?.sources.find(({ definition }) => definition.name === name);
      return {
        name,
        scheme: signature.kind,
        lane: lanes.find(({ sources }) => sources.includes(name))?.name ?? "",
        url: running?.endpoint ?? outputs.endpoints[name] ?? "",
        subscribers: Object.keys(subscribers),
        ...(provider === undefined ? {} : { provider }),
        ...(displayName === undefined ? {} : { displayName }),
      };
    }),
    lanes: lanes.map(({ name, type, maxReceiveCount, sources, subscribers }) => ({
      name,
      type,
      maxReceiveCount,
      sources,
      subscribers,
    })),
    outcomes: statuses.map((name) => ({ name, tone: toneOf(name) })),
    usualHours,
    command: "npm run ops --",
  };
}

function toneOf(status: HistoryStatus): Tone {
  if (status === "processing") return "underway";
  if (status === "ignored") return "muted";
  return outcomes[status].attention ? "attention" : "good";
}
