import { confirmed } from "../../command-line/ask.js";
import { CommandError, NothingMatchedError, RefusedError } from "../../command-line/command-error.js";
import type { Console } from "../../command-line/console.js";
import { exitCodes } from "../../command-line/exit-code.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { hasObjects, obstaclesAsText, obstaclesOf } from "../destroy/obstacles.js";
import { tellProgress } from "../engine/progress.js";
import { runEngine } from "../engine/run.js";
import {
  type DeployedStage,
  openStage,
  type StackState,
  type StateResource,
  stateOf,
} from "../engine/stage.js";
import { refuseUnfinished } from "../engine/unfinished.js";
import { nameOf, typeOf } from "../plan/changes.js";
import { countMessages } from "../plan/waiting.js";
import { type ConfirmOptions, stageCommand } from "./options.js";

/** `destroy`: takes a stage down, all of it or nothing. */
export const defineDestroy: DefineCommand = (program, action) => {
  stageCommand(
    program,
    "destroy",
    "Take a stage down: all of it, or nothing while something is protected or holds webhooks.",
  )
    .option("--yes", "do it without asking")
    .action(
      action(async ({ console }, options: ConfirmOptions) => {
        const stage = await openStage(console, "destroy", options.stack);
        const state = await stateOf("destroy", stage);
        if (deletable(state).length === 0) {
          throw new NothingMatchedError(`nothing of ${stage.name} is deployed`, {
            next: `pulumi stack rm ${stage.name}, to forget the stack`,
          });
        }
        refuseUnfinished(stage.name, state);
        const obstacles = await obstaclesOf(stage.name, state, {
          countMessages: countMessages(stage.clients),
          hasObjects: hasObjects(stage.clients),
        });
        if (obstacles.length > 0) {
          throw new RefusedError(`nothing was deleted:\n${obstaclesAsText(obstacles)}`, {
            next: `then npm run deploy -- destroy --stack ${stage.name}`,
          });
        }
        if (!console.json) console.data(listOf(state));
        // The engine may still see what forbids it.
        await runEngine({ command: "destroy", stack: stage.name, console, writes: false }, (watching) =>
          stage.stack.previewDestroy(watching),
        );
        await confirmed(console, `Delete all of ${stage.name}, with its history?`, options.yes === true);
        await takeDown(console, stage);
        const left = retained(state);
        console.data(
          console.json
            ? JSON.stringify({
                stage: stage.name,
                deleted: deletable(state).map(({ urn }) => urn),
                left: left.map(({ urn }) => urn),
              })
            : farewell(stage.name, left),
        );
        return exitCodes.done;
      }),
    );
};

async function takeDown(console: Console, stage: DeployedStage): Promise<void> {
  try {
    await runEngine(
      { command: "destroy", stack: stage.name, console, writes: true, onEvent: tellProgress(console) },
      (watching) => stage.stack.destroy(watching),
    );
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const left = deletable(await stateOf("destroy", stage));
    throw new CommandError(
      [`${error.message}. Still there:`, ...left.map((resource) => `  ${textOf(resource)}`)].join("\n"),
      { next: error.next, details: error.details, cause: error },
    );
  }
}

/** What goes from AWS, without what is of Pulumi only. */
function deletable(state: StackState): StateResource[] {
  return inAws(state).filter(({ retainOnDelete }) => retainOnDelete !== true);
}

/** What stays in AWS on purpose. */
function retained(state: StackState): StateResource[] {
  return inAws(state).filter(({ retainOnDelete }) => retainOnDelete === true);
}

function inAws({ resources }: StackState): StateResource[] {
  return resources.filter(({ type }) => !/^(pulumi|webhooks):/.test(type));
}

function listOf(state: StackState): string {
  const resources = deletable(state);
  return [`${resources.length} resources go:`, ...resources.map((resource) => `  ${textOf(resource)}`)].join(
    "\n",
  );
}

function farewell(stage: string, left: readonly StateResource[]): string {
  return [
    `${stage} is taken down`,
    ...left.map(
      (resource) => `  left: ${textOf(resource)} (${resource.id}), which other stages of the account may use`,
    ),
    "  left: its secrets, which Secrets Manager deletes after 30 days",
    `  left: the empty stack; pulumi stack rm ${stage} forgets it`,
  ].join("\n");
}

function textOf({ type, urn }: StateResource): string {
  return `${typeOf(type)} ${nameOf(urn)}`;
}
