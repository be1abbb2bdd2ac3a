import { UsageError } from "../command-line/command-error.js";
import { withExamples } from "../command-line/help.js";
import type { DefineCommand } from "../command-line/run-command.js";
import { interrupted } from "../command-line/until-interrupted.js";
import { openStage, type StageOptions, titleOf } from "../ops/stage/stage.js";
import { withStageOptions } from "../ops/stage/stage-options.js";

interface InspectOptions extends StageOptions {
  readonly allowWrite?: boolean;
  readonly port: string;
  readonly open?: boolean;
}

/** `inspect`: a page that shows a stage's webhooks, until Ctrl-C. */
export const defineInspect: DefineCommand = (program, action) => {
  const command = withStageOptions(program.command("inspect"))
    .description(
      "Show a stage's webhooks on a page of this machine, until Ctrl-C. A stage on AWS is only looked at.",
    )
    .option("--allow-write", "let the page replay, redrive, pause and resume on a stage on AWS")
    .option("--port <port>", "the page's port on 127.0.0.1 (default: a free one)", "0")
    .option("--open", "open the page in the browser")
    .action(
      action(async ({ console }, options: InspectOptions) => {
        const port = portOf(options.port);
        const stage = await openStage(options);
        const isWritable = stage.local !== undefined || options.allowWrite === true;
        const [{ serve }, { bundlePage }, { inspect }, { openAddress }] = await Promise.all([
          import("./http/serve.js"),
          import("./http/assets.js"),
          import("./inspected.js"),
          import("./open-address.js"),
        ]);
        const inspector = await serve({
          inspected: () => inspect(stage, { isWritable, laptop: undefined }),
          page: bundlePage,
          port,
        });
        try {
          const how = isWritable
            ? "the page can act on it"
            : "the page only looks; --allow-write lets it act";
          console.tell(`${titleOf(stage)}: ${how}; Ctrl-C ends it`);
          if (console.json) {
            const { name, account, region } = stage;
            const { address } = inspector;
            console.data(JSON.stringify({ address, stage: name, account, region, writable: isWritable }));
          } else console.data(inspector.address);
          if (options.open && !(await openAddress(inspector.addressForOpening()))) {
            console.tell("there is no program here that opens it: open the address yourself");
          }
          await interrupted();
        } finally {
          await inspector.close();
        }
        return undefined;
      }),
    );
  withExamples(
    command,
    "npm run ops -- inspect --stack prod",
    "npm run ops -- inspect --allow-write --open --stack dev",
  );
};

function portOf(text: string): number {
  const port = Number(text);
  if (/^\d+$/.test(text) && port <= 65_535) return port;
  throw new UsageError(`--port must be a whole number from 0 to 65535; got "${text}"`);
}
