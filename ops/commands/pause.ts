import type { Console } from "../../command-line/console.js";
import { withExamples } from "../../command-line/help.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { findLane, laneTitle, type NamedLane } from "../lanes/find-lane.js";
import { pauseLane, resumeLane, whatPauseDoes } from "../lanes/pause-lane.js";
import { pauseInWords } from "../lanes/pause-notes.js";
import { openStage, type Stage, type StageOptions, titleOf } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";

interface PauseOptions extends StageOptions {
  readonly reason?: string;
}

/** `pause <lane>`: webhooks go on arriving, and wait. */
export const definePause: DefineCommand = (program, action) => {
  const command = withStageOptions(program.command("pause"))
    .description("Stop handling the webhooks of a lane. They go on arriving, and wait in its queue.")
    .argument("<lane>", "the lane, or a source or subscriber whose webhooks arrive in it")
    .option("--reason <text>", "why; status shows it")
    .addHelpText(
      "after",
      "\nExample:\n  npm run ops -- pause github --reason 'the shop is down' --stack prod",
    )
    .action(
      action(async ({ console }, name: string, options: PauseOptions) => {
        const { stage, lane } = await begin(console, name, options);
        const note = await pauseLane(stage, lane, options.reason);
        if (console.json) console.data(JSON.stringify({ lane: lane.name, paused: true, ...note }));
        else console.data(`${laneTitle(lane)} is paused`);
        console.tell(whatPauseDoes);
        console.tell(`next: npm run ops -- resume ${lane.name} --stack ${stage.name}`);
        return undefined;
      }),
    );
  withExamples(command, "npm run ops -- pause github --reason 'the shop is down' --stack prod");
};

/** `resume <lane>`: what has waited is handled. */
export const defineResume: DefineCommand = (program, action) => {
  const command = withStageOptions(program.command("resume"))
    .description("Handle the webhooks of a paused lane again, those that have waited first.")
    .argument("<lane>", "the lane, or a source or subscriber whose webhooks arrive in it")
    .action(
      action(async ({ console }, name: string, options: PauseOptions) => {
        const { stage, lane } = await begin(console, name, options);
        const note = await resumeLane(stage, lane);
        if (console.json) console.data(JSON.stringify({ lane: lane.name, paused: false }));
        else console.data(`${laneTitle(lane)} is handled again`);
        if (note !== undefined) console.tell(`it was ${pauseInWords(note)}`);
        return undefined;
      }),
    );
  withExamples(command, "npm run ops -- resume github --stack prod");
};

async function begin(
  console: Console,
  name: string,
  options: PauseOptions,
): Promise<{ readonly stage: Stage; readonly lane: NamedLane }> {
  const stage = await openStage(options);
  const lane = findLane(stage.outputs, name);
  console.tell(`${titleOf(stage)}: ${laneTitle(lane)}`);
  return { stage, lane };
}
