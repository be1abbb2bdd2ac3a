import { hostname } from "node:os";
import { confirmed } from "../../command-line/ask.js";
import { NothingMatchedError, RefusedError } from "../../command-line/command-error.js";
import { exitCodes } from "../../command-line/exit-code.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { awsClients } from "../../ops/stage/clients.js";
import { asked } from "../../pulumi-engine/asked.js";
import { openStack } from "../../pulumi-engine/open-stack.js";
import { outputsOf } from "../../pulumi-engine/stack-outputs.js";
import { allOf } from "../engine/all-of.js";
import { holderOf, locksOf, lockText } from "../lock/locks.js";
import { type ConfirmOptions, stageCommand } from "./options.js";

interface UnlockOptions extends ConfirmOptions {
  readonly nobodyUpdates?: string;
}

/** `unlock`: takes away the lock that an update has left when it died. */
export const defineUnlock: DefineCommand = (program, action) => {
  stageCommand(program, "unlock", "Take away the lock that a dead update has left.")
    .option("--yes", "do it without asking, if the update is known to be dead")
    .option(
      "--nobody-updates <name>",
      "the stage's name again, where this machine cannot know who is at work",
    )
    .action(
      action(async ({ console }, options: UnlockOptions) => {
        const open = await openStack("unlock", options.stack);
        const { workspace } = open.stack;
        const [, { url: backend = "" }, { name: project }] = await allOf([
          // Says whether there is such a stack.
          outputsOf("unlock", open.name, "masked"),
          asked("unlock", open.name, () => workspace.whoAmI()),
          asked("unlock", open.name, () => workspace.projectSettings()),
        ]);
        const region = new URLSearchParams(backend.split("?")[1]).get("region") ?? process.env.AWS_REGION;
        const locks = await locksOf(backend, project, open.name, () =>
          awsClients({ region: region ?? "us-east-1" }).s3(),
        );
        if (locks?.length === 0) {
          throw new NothingMatchedError(`nobody holds a lock of ${open.name} in ${backend}`);
        }
        const held = (locks ?? []).map((lock) => ({ lock, holder: holderOf(lock, hostname()) }));
        console.data(
          console.json
            ? JSON.stringify({ stage: open.name, backend, locks: held })
            : locks === undefined
              ? `${backend} does not say who holds ${open.name}`
              : held
                  .map(({ lock, holder }) => `${lockText(lock, Date.now())}: ${holder}\n  ${lock.file}`)
                  .join("\n"),
        );
        const alive = held.find(({ holder }) => holder === "alive");
        if (alive !== undefined) {
          throw new RefusedError(
            `process ${alive.lock.pid} of this machine is updating ${open.name}. Without its lock a second update would make everything twice`,
            { next: `let it end, or interrupt it: kill -INT ${alive.lock.pid}` },
          );
        }
        const isKnown = locks !== undefined && held.every(({ holder }) => holder === "dead");
        if (!isKnown && options.nobodyUpdates !== open.name) {
          throw new RefusedError(
            `this machine cannot know whether an update of ${open.name} is at work. Without its lock a second update would make everything twice`,
            { next: `make sure that nobody updates it, then add --nobody-updates ${open.name}` },
          );
        }
        await confirmed(console, `Take the lock of ${open.name} away?`, options.yes === true);
        await asked("unlock", open.name, () => open.stack.cancel());
        console.tell(
          `${open.name} is unlocked. Before the next update: npm run deploy -- recover --stack ${open.name}`,
        );
        return exitCodes.done;
      }),
    );
};
