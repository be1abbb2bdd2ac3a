import type { LocalPipeline } from "../local/pipeline.js";
import type { RunningPipeline } from "../local/running.js";
import { type ServedInspector, serve } from "./http/serve.js";

/**
 * The inspector of the pipeline in this process. What it is made of is loaded when somebody opens it, so that `npm start` is not
 * slower for those who do not.
 *
 * @param port 0 takes a free one
 */
export function inspectorFor(
  running: RunningPipeline,
  pipeline: Pick<LocalPipeline, "calls" | "gatewayCalls">,
  port: number,
): Promise<ServedInspector> {
  return serve({
    port,
    async inspected() {
      const [{ openLocalStage }, { inspect }, { laptopOf }] = await Promise.all([
        import("../ops/stage/stage.js"),
        import("./inspected.js"),
        import("./laptop.js"),
      ]);
      return inspect(openLocalStage([running]), { isWritable: true, laptop: laptopOf(pipeline) });
    },
    page: async () => (await import("./http/assets.js")).bundlePage(),
  });
}
