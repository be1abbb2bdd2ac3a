import { readFile } from "node:fs/promises";
import { text } from "node:stream/consumers";
import { CommandError, RefusedError, UsageError } from "../../command-line/command-error.js";
import { type Console, printable } from "../../command-line/console.js";
import { counted } from "../../command-line/counted.js";
import { exitCodes } from "../../command-line/exit-code.js";
import { withExamples } from "../../command-line/help.js";
import { progressBar } from "../../command-line/progress-bar.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { wholeNumber } from "../../command-line/whole-number.js";
import { readStoredSecrets } from "../../runtime/signatures/stored-secret.js";
import { paced } from "../send/paced.js";
import { type Answer, isTaken, post } from "../send/post.js";
import { sampleFrom, senderFor } from "../send/sender.js";
import { openStage, type StageOptions, titleOf } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";
import { usualRate } from "../usual-rate.js";

interface SendOptions extends StageOptions {
  readonly event?: string;
  readonly body?: string;
  readonly count: string;
  readonly rate: string;
  readonly tampered?: boolean;
  readonly unsigned?: boolean;
  readonly secretStdin?: boolean;
  readonly header?: readonly (readonly [string, string])[];
}

/** `send <source>`: a new, signed webhook, as the source's provider would send it. */
export const defineSend: DefineCommand = (program, action) => {
  const command = withStageOptions(program.command("send"))
    .description("Send new, signed webhooks to a source, as its provider would: samples with new event ids.")
    .argument("<source>", "the source")
    .option("--event <type>", "the event's type (default: the sample's)")
    .option("--body <file>", "the body, instead of the sample's")
    .option("--count <count>", "how many", "1")
    .option("--rate <count>", "how many a second", String(usualRate))
    .option("--tampered", "change them after they are signed, so that they must be rejected")
    .option("--unsigned", "send them without a signature, so that they must be rejected")
    .option("--secret-stdin", "sign with the secret, or the private key, that standard input says")
    .option("--header <name: value>", "a header that the front door asks for, repeatable", collectHeader)
    .action(
      action(async ({ console }, name: string, options: SendOptions) => {
        const count = wholeNumber("--count", options.count);
        const rate = wholeNumber("--rate", options.rate);
        const { event: eventType, tampered = false, unsigned = false, header = [] } = options;
        if (tampered && unsigned) {
          throw new UsageError("--tampered and --unsigned exclude each other: leave one out");
        }
        const stage = await openStage(options);
        const body = options.body === undefined ? undefined : await readBody(options.body);
        const given = options.secretStdin ? await secretFromStdin(console) : undefined;
        const known = await senderFor(stage, name, given);
        const sender = { ...known, headers: [...known.headers, ...header] };
        console.tell(`${titleOf(stage)}: ${counted(count, "webhook")} to ${sender.url}`);

        const bar = progressBar(console, { total: count > 1 ? count : 0, noun: "webhook" });
        let done = 0;
        const refused: Answer[] = [];
        await paced(count, rate, async () => {
          const sample = await sampleFrom(sender, { body, eventType, tampered, unsigned });
          const answer = await post(sample);
          if (!isTaken(answer)) refused.push(answer);
          if (console.json) console.data(JSON.stringify({ source: name, url: sender.url, ...answer }));
          else console.data([answer.status, name, answer.id ?? answer.message ?? ""].join("  "));
          done += 1;
          bar.update(done);
        });
        if (count > 1) bar.end();
        const [first] = refused;
        if (first === undefined) {
          if (tampered || unsigned)
            console.tell("it is taken now, and must be rejected when its signature is checked");
          return undefined;
        }
        console.tell(
          `the front door answered ${first.status}: ${printable(first.message ?? "no reason given")}`,
        );
        if (count > 1) console.tell(`${refused.length} of ${count} were not taken`);
        return exitCodes.failed;
      }),
    );
  withExamples(
    command,
    "npm run ops -- send github --stack local",
    "npm run ops -- send stripe --event invoice.paid --stack dev",
    "npm run ops -- send github --count 1000 --rate 50 --stack local",
    "npm run ops -- send github --tampered --stack dev",
  );
};

function collectHeader(
  value: string,
  earlier: readonly (readonly [string, string])[] = [],
): (readonly [string, string])[] {
  const [, name, content] = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):\s*(.*)$/.exec(value) ?? [];
  if (name === undefined || content === undefined) {
    throw new UsageError(`--header must be a name and a value, such as "x-api-key: abc"; got "${value}"`);
  }
  return [...earlier, [name, content]];
}

async function readBody(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new CommandError(`--body ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

async function secretFromStdin({ streams }: Console): Promise<string> {
  if (streams.stdin.isTTY) {
    throw new RefusedError("--secret-stdin reads the secret from standard input, which is the terminal", {
      next: "pass show stripe | npm run ops -- send stripe --secret-stdin",
    });
  }
  const [secret = ""] = readStoredSecrets(await text(streams.stdin)) ?? [];
  if (secret !== "") return secret;
  throw new RefusedError("standard input has no secret");
}
