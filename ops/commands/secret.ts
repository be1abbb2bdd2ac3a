import { text } from "node:stream/consumers";
import { askForSecret, confirmed } from "../../command-line/ask.js";
import { CommandError, NothingMatchedError, RefusedError } from "../../command-line/command-error.js";
import type { Console } from "../../command-line/console.js";
import { withExamples } from "../../command-line/help.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { table } from "../../command-line/table.js";
import { durationText } from "../../command-line/times.js";
import { SecretError } from "../../runtime/signatures/scheme.js";
import { freshSecretMilliseconds } from "../../runtime/signatures/secrets.js";
import { readStoredSecrets } from "../../runtime/signatures/stored-secret.js";
import { inParallel } from "../in-parallel.js";
import { fingerprint } from "../secrets/fingerprint.js";
import { generateSecret } from "../secrets/generate.js";
import {
  findSecret,
  readSecret,
  refuseUnusable,
  type StageSecret,
  type StoredSecret,
  secretsOf,
  writeSecret,
} from "../secrets/stage-secrets.js";
import { openStage, type StageOptions, titleOf } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";

interface SetOptions extends StageOptions {
  readonly keepPrevious?: boolean;
  readonly generate?: boolean;
  readonly yes?: boolean;
}

const cacheMinutes = freshSecretMilliseconds / 60_000;
/** What docs/signatures.md says of the functions' caches. */
const cached = `functions read it within ${cacheMinutes} minutes; a webhook that fits no secret they know makes them look, at most once a minute`;

/** `secret set|list|retire` */
export const defineSecret: DefineCommand = (program, action) => {
  const secret = program.command("secret").description("Set, list and retire the secrets of sources.");

  const set = withStageOptions(secret.command("set"))
    .description("Store a source's secret. It is asked for, or read from standard input.")
    .argument("<source>", "the source, or the name of its secret in the output secretNames")
    .option("--keep-previous", "let what is stored now stay valid, while the sender changes over")
    .option("--generate", "make a secret and write it to standard output, once, where you choose it")
    .option("--yes", "replace the secret without being asked")
    .action(
      action(async ({ console }, name: string, options: SetOptions) => {
        const { keepPrevious = false, generate = false, yes = false } = options;
        const stage = await openStage(options);
        const wanted = findSecret(stage.outputs, name);
        console.tell(`${titleOf(stage)}: secret of ${name}, ${wanted.secretName}`);
        const client = await stage.clients.secretsManager();
        const stored = await readSecret(client, wanted);
        const given = generate ? [generateSecret(wanted)] : await givenSecrets(console, wanted);
        const active = [...new Set([...given, ...(keepPrevious ? previousOf(stored, wanted) : [])])];
        if (sameList(active, stored?.active ?? [])) {
          console.tell("it is stored already: nothing was changed");
        } else {
          if (stored !== undefined && !keepPrevious) await confirmReplacing(console, yes);
          await writeSecret(client, wanted, active);
          console.tell(`stored: ${cached}`);
        }
        const [newest = ""] = active;
        const arn = stored?.arn ?? (await readSecret(client, wanted))?.arn ?? wanted.secretName;
        const shown = { source: name, active: active.length, fingerprint: await fingerprint(newest, arn) };
        if (console.json) console.data(JSON.stringify({ ...shown, ...(generate ? { secret: newest } : {}) }));
        else
          console.data(generate ? newest : `${name}: ${active.length} active, newest ${shown.fingerprint}`);
        if (active.length > 1) {
          console.tell(`next: when the sender signs with the new one: npm run ops -- secret retire ${name}`);
        }
        return undefined;
      }),
    );

  withExamples(
    set,
    "npm run ops -- secret set github --stack prod",
    "npm run -s ops -- secret set github --generate --stack prod | pbcopy",
    "pass show stripe | npm run ops -- secret set stripe --keep-previous --stack prod",
  );

  const list = withStageOptions(secret.command("list"))
    .description("List the secrets: how many are active, how old they are, and a fingerprint of each.")
    .action(
      action(async ({ console }, options: StageOptions) => {
        const { clients, outputs } = await openStage(options);
        const client = await clients.secretsManager();
        const rows = await inParallel(secretsOf(outputs), 8, async (each) =>
          describe(each, await readSecret(client, each)),
        );
        if (console.json) {
          console.data(JSON.stringify(rows));
          return undefined;
        }
        if (rows.length > 0) console.data(table(rows.map((row) => [row.source, inWords(row)])));
        return undefined;
      }),
    );

  withExamples(list, "npm run ops -- secret list --stack prod");

  const retire = withStageOptions(secret.command("retire"))
    .description("End the previous secrets of a source. Only the newest stays valid.")
    .argument("<source>", "the source, or the name of its secret in the output secretNames")
    .option("--yes", "do it without being asked")
    .action(
      action(async ({ console }, name: string, options: SetOptions) => {
        const stage = await openStage(options);
        const wanted = findSecret(stage.outputs, name);
        console.tell(`${titleOf(stage)}: secret of ${name}, ${wanted.secretName}`);
        const client = await stage.clients.secretsManager();
        const stored = await readSecret(client, wanted);
        const [newest, ...previous] = previousOf(stored, wanted);
        if (newest === undefined || stored === undefined || previous.length === 0) {
          throw new NothingMatchedError(`there is no previous secret of ${name}`, {
            next: `npm run ops -- secret list --stack ${stage.name}`,
          });
        }
        const ended = await Promise.all(previous.map((each) => fingerprint(each, stored.arn)));
        const kept = await fingerprint(newest, stored.arn);
        console.tell(`stays valid: ${kept}, stored ${durationText(Date.now() - stored.storedAt)} ago`);
        console.tell(`ends: ${ended.join(", ")}`);
        await confirmed(
          console,
          "End them? Webhooks that are signed with them are rejected from then on, those that wait now too.",
          options.yes ?? false,
        );
        await writeSecret(client, wanted, [newest]);
        console.tell(`stored: ${cached}`);
        if (console.json) console.data(JSON.stringify({ source: name, active: 1, fingerprint: kept }));
        else console.data(`${name}: 1 active, newest ${kept}`);
        return undefined;
      }),
    );
  withExamples(retire, "npm run ops -- secret retire github --stack prod");
};

/** Most bytes of a secret: docs.aws.amazon.com/secretsmanager/latest/userguide/reference_limits.html */
const mostBytes = 65_536;

/** What a person typed or a program wrote. Nothing is stored that the source could not use. */
async function givenSecrets(console: Console, wanted: StageSecret): Promise<readonly string[]> {
  const { provider } = wanted.checks ?? {};
  const where = provider === undefined ? "" : ` (${provider.secret.store}; ${provider.secret.shownAt})`;
  const given = console.streams.stdin.isTTY
    ? await askForSecret(console, `Secret of ${wanted.name}${where}:`)
    : await text(console.streams.stdin);
  if (given.trim() === "") {
    throw new RefusedError("nothing was stored: the secret is empty", {
      next: "write it to standard input, or run the command in a terminal, which asks for it",
    });
  }
  if (Buffer.byteLength(given) > mostBytes) {
    throw new RefusedError(`nothing was stored: a secret has at most ${mostBytes} bytes`);
  }
  const secrets = readStoredSecrets(given);
  if (secrets === undefined) {
    throw new RefusedError("nothing was stored: the secret starts with [ but is not a JSON array of texts");
  }
  for (const secret of secrets) {
    try {
      await refuseUnusable(wanted, secret);
    } catch (error) {
      if (!(error instanceof SecretError)) throw error;
      throw new RefusedError(
        `nothing was stored: ${error.message}`,
        where === "" ? {} : { next: `look where the sender shows it${where}` },
      );
    }
  }
  return secrets;
}

function previousOf(stored: StoredSecret | undefined, { name, secretName }: StageSecret): readonly string[] {
  if (stored === undefined) return [];
  if (stored.active !== undefined) return stored.active;
  throw new CommandError(
    `what is stored in ${secretName} is no list of secrets, so nothing of it can be kept`,
    {
      next: `npm run ops -- secret set ${name}`,
    },
  );
}

function confirmReplacing(console: Console, yes: boolean): Promise<void> {
  return confirmed(
    console,
    "Replace the secret that is stored? Webhooks that are signed with it are rejected from then on, unless --keep-previous is added.",
    yes,
  );
}

function sameList(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((item, index) => item === right[index]);
}

interface SecretRow {
  readonly source: string;
  readonly secretName: string;
  readonly active: number;
  readonly ageSeconds?: number;
  /** Of each active one, the newest first. */
  readonly fingerprints?: readonly string[];
  /** Why functions cannot use it. */
  readonly problem?: string;
}

async function describe(wanted: StageSecret, stored: StoredSecret | undefined): Promise<SecretRow> {
  const { name: source, secretName } = wanted;
  if (stored === undefined) return { source, secretName, active: 0 };
  const ageSeconds = Math.max(0, Math.round((Date.now() - stored.storedAt) / 1000));
  const row = { source, secretName, active: stored.active?.length ?? 0, ageSeconds };
  if (stored.active === undefined)
    return { ...row, problem: "starts with [ but is not a JSON array of texts" };
  const fingerprints = await Promise.all(stored.active.map((each) => fingerprint(each, stored.arn)));
  const problem = await problemOf(wanted, stored.active);
  return { ...row, fingerprints, ...(problem === undefined ? {} : { problem }) };
}

async function problemOf(wanted: StageSecret, active: readonly string[]): Promise<string | undefined> {
  try {
    for (const secret of active) await refuseUnusable(wanted, secret);
    return undefined;
  } catch (error) {
    if (error instanceof SecretError) return error.message;
    throw error;
  }
}

function inWords({ source, active, ageSeconds = 0, fingerprints = [], problem }: SecretRow): string {
  if (active === 0 && problem === undefined) return `not set yet: npm run ops -- secret set ${source}`;
  const words = `${active} active, ${durationText(ageSeconds * 1000)} old  ${fingerprints.join(" ")}`;
  return problem === undefined ? words : `${words}  cannot be used: ${problem}`;
}
