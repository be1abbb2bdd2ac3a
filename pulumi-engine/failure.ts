import { stripVTControlCharacters } from "node:util";
import { CommandError } from "../command-line/command-error.js";

/** How a run of the engine failed. */
export interface Failure {
  /** What was asked of the engine, such as `up`. */
  readonly command: string;
  /** The stack's name. */
  readonly stack: string;
  /** All that the engine wrote, or the error's own text where it wrote nothing. */
  readonly text: string;
  /** The engine's diagnostics of severity `error`, in order. */
  readonly errors: readonly { readonly message: string; readonly urn?: string | undefined }[];
}

/** How a failure is known, and what it means. */
interface Known {
  /** Where the sign is looked for: in the engine's error diagnostics, or in everything that it wrote. Default: in everything. */
  readonly in?: "errors";
  readonly sign: RegExp;
  readonly means: (
    match: RegExpMatchArray,
    failure: Failure,
  ) => { readonly message: string; readonly next: string };
}

const again = ({ command, stack }: Failure) => `npm run deploy -- ${command} --stack ${stack}`;

/** Special ones first: the text of one failure may contain the sign of a more general one. */
const known: readonly Known[] = [
  {
    sign: /currently locked by|\[409\] Conflict: Another update is currently in progress/,
    means: ({ input = "" }, { stack }) => {
      const [, who] = /created by (\S+ \(pid \d+\) at \S+)/.exec(input) ?? [];
      return {
        message: `another update of ${stack} is at work${who === undefined ? "" : `: ${who}`}`,
        next: `wait until it has ended. If it died, npm run deploy -- unlock --stack ${stack}`,
      };
    },
  },
  {
    sign: /incorrect passphrase|passphrase must be set/,
    means: ([sign]) => ({
      message:
        sign === "incorrect passphrase"
          ? "the passphrase is not the one that the stage's secrets are encrypted with"
          : "the passphrase of the stage's secrets is missing",
      next: "set PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE",
    }),
  },
  {
    sign: /no stack named .*found/,
    means: (_, { stack }) => ({
      message: `there is no stack ${stack} in this backend`,
      next: `pulumi stack ls, or pulumi stack init ${stack} for a new stage`,
    }),
  },
  {
    sign: /no Pulumi\.yaml project file found|failed to find project settings/,
    means: () => ({
      message: "there is no Pulumi.yaml in this folder",
      next: "run the command in the folder of the program",
    }),
  },
  {
    sign: /unable to open (?:state directory|bucket)|PULUMI_ACCESS_TOKEN must be set|please run `?pulumi login/i,
    means: () => ({
      message: "Pulumi's backend cannot be opened",
      next: "log in with pulumi login, or set PULUMI_BACKEND_URL",
    }),
  },
  {
    sign: /[Mm]inimum version requirement failed.*|Major version mismatch.*/,
    means: ([sign]) => ({
      message: `Pulumi's command line does not fit this program: ${sign}`,
      next: "use the version that package.json names: npm ci && npx pulumi version",
    }),
  },
  {
    sign: /Downloading pulumi v\S*\s+pulumi: (.*)/,
    means: ([, why]) => ({
      message: `Pulumi's command line is not here, and npm's package could not download it: ${why}`,
      next: "let this machine reach get.pulumi.com, or install it: https://www.pulumi.com/docs/install/",
    }),
  },
  {
    sign: /spawn \S*pulumi\S* ENOENT|pulumi: (?:command )?not found/,
    means: () => ({
      message: "Pulumi's command line is missing",
      next: "npx pulumi version, which downloads it",
    }),
  },
  {
    in: "errors",
    sign: /no resource plugin '?([^' ]+)'?.*found/s,
    means: ([, plugin]) => ({
      message: `Pulumi's plugin ${plugin} is missing`,
      next: "pulumi install",
    }),
  },
  {
    in: "errors",
    sign: /AWS account ID not allowed: (\d+)/i,
    means: ([, account]) => ({
      message: `the credentials are those of account ${account}, which aws:allowedAccountIds does not name`,
      next: "use the credentials of the stage's account (AWS_PROFILE)",
    }),
  },
  {
    in: "errors",
    sign: /ExpiredToken|token (?:included in the request )?is expired|SSO session.*expired/i,
    means: () => ({
      message: "the AWS credentials have expired",
      next: "log in to AWS again, such as with aws sso login",
    }),
  },
  {
    in: "errors",
    sign: /[Nn]o valid credential sources|InvalidClientTokenId|[Uu]nable to validate AWS credentials|failed to refresh cached credentials/,
    means: () => ({
      message: "there are no AWS credentials, or AWS does not know them",
      next: "set AWS_PROFILE, or log in to AWS, such as with aws sso login",
    }),
  },
  {
    in: "errors",
    sign: /^.*(?:cannot be deleted|marked for protection).*$/m,
    means: (_, { errors, stack }) => {
      const names = errors.flatMap(({ message, urn }) =>
        /cannot be deleted|marked for protection/.test(message) && urn !== undefined ? [nameIn(urn)] : [],
      );
      return {
        message: `${names.join(", ")}: protected, and the change would delete or replace it. Nothing was done`,
        next: `change ${stack} in the two steps of docs/changing-a-stage.md, which need no protection taken off`,
      };
    },
  },
  {
    in: "errors",
    sign: /Running program '.*' failed with an unhandled exception:\s*(?:<ref \*\d+> )?(.*)/s,
    means: ([, thrown = ""]) => ({
      message: `the program threw: ${thrown.trim().split("\n")[0]}`,
      next: "npm run typecheck and npm run synth show it without AWS",
    }),
  },
  {
    in: "errors",
    sign: /update canceled/,
    means: (_, failure) => ({
      message: `the ${failure.command} was interrupted`,
      next: `npm run deploy -- recover --stack ${failure.stack}, if it tells of unfinished operations; then ${again(failure)}`,
    }),
  },
  {
    in: "errors",
    sign: /Pulumi\.\S+\.yaml: .*/s,
    means: ([problems]) => ({
      message: `the settings are wrong. ${problems.trim()}`,
      next: "mend the stage's file. npm run synth lists what is wrong without AWS",
    }),
  },
  {
    in: "errors",
    sign: /(?:AccessDenied\w*|UnauthorizedOperation|not authorized to perform:?)\s*(\S+:\S+)?/,
    means: (_, { errors }) => {
      const [action] = errors.flatMap(({ message }) => {
        const [, found] = /not authorized to perform:?\s+(\S+)/.exec(message) ?? [];
        return found === undefined ? [] : [found];
      });
      return {
        message: `AWS does not allow ${action ?? "what the update needs"} to these credentials${resourcesOf(errors)}`,
        next: "let the role that deploys do it, or use another one",
      };
    },
  },
  {
    in: "errors",
    sign: /(?:api error|operation error|creating|updating|deleting) .*/,
    means: (_, failure) => ({
      message: `AWS refused it${resourcesOf(failure.errors)}: ${reasonOf(failure)}`,
      next: `mend what AWS names, then ${again(failure)}`,
    }),
  },
];

/** The failure in one sentence with a next step, and the engine's own last lines below it. */
export function explainFailure(failure: Failure): CommandError {
  const errors = failure.errors.map(({ message }) => message).join("\n");
  for (const { in: where, sign, means } of known) {
    const match = sign.exec(where === "errors" ? errors : `${failure.text}\n${errors}`);
    if (match !== null) return toError(means(match, failure), failure);
  }
  const [first] = failure.errors;
  const reason = first?.message.trim().split("\n")[0] ?? failure.text.trim().split("\n").at(-1);
  return toError(
    { message: `the engine failed: ${reason}`, next: "read what the engine says, below" },
    failure,
  );
}

/** How many of the engine's lines are shown. */
const lastLines = 50;

function toError(
  { message, next }: { readonly message: string; readonly next: string },
  { text }: Failure,
): CommandError {
  // The program's own errors come in colours.
  const plain = stripVTControlCharacters(text).trimEnd();
  const details = plain.split("\n").slice(-lastLines).join("\n");
  return new CommandError(message, { next, details });
}

function resourcesOf(errors: Failure["errors"]): string {
  const names = [...new Set(errors.flatMap(({ urn }) => (urn === undefined ? [] : [nameIn(urn)])))].filter(
    (name) => !name.startsWith("webhook-pipeline-"),
  );
  return names.length === 0 ? "" : ` (${names.join(", ")})`;
}

/** AWS's reason: what stands last in the provider's chain of causes. */
function reasonOf({ errors }: Failure): string {
  const [message = ""] = errors
    .map((error) => error.message.trim())
    .filter((text) => /api error|operation error|creating|updating|deleting/.test(text));
  const [, reason] = /api error (.*)/s.exec(message) ?? [];
  return (reason ?? message).split("\n")[0] ?? "";
}

function nameIn(urn: string): string {
  return urn.split("::").at(-1) ?? urn;
}
