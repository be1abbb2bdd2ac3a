import type { AwsClients } from "../../ops/stage/clients.js";
import type { StageOutputs } from "../../ops/stage/outputs.js";
import type { Stage } from "../../ops/stage/stage.js";
import { sendCanary } from "./canary.js";
import type { Check } from "./check.js";
import { patiently } from "./patiently.js";

export interface SmokeTestOptions {
  /** Default: the global one. */
  readonly fetch?: typeof fetch;
  /** Address of what stands for AWS's services. Nobody answers at the stage's URLs then. */
  readonly emulator?: string | undefined;
  /** For how long what has just been deployed may take to work, in milliseconds. Default: one minute. */
  readonly patienceMilliseconds?: number;
}

/**
 * Looks whether a stage really receives: its front doors, what works its queues off, and its secrets. Where it has a canary, a
 * webhook takes the whole way.
 */
export async function smokeTest(
  stage: Stage,
  { fetch: ask = fetch, emulator, patienceMilliseconds = 60_000 }: SmokeTestOptions,
): Promise<Check[]> {
  const { outputs, clients } = stage;
  const { canary } = outputs.operations;
  const until = Date.now() + patienceMilliseconds;
  const checks = [
    ...doorsOf(outputs).map((door) =>
      emulator === undefined
        ? patiently(until, () => frontDoor(door, ask))
        : Promise.resolve(notAsked(door, emulator)),
    ),
    ...Object.entries(outputs.operations.lanes).map(([name, { eventSourceMapping }]) =>
      patiently(until, () => worksOff(name, eventSourceMapping, clients)),
    ),
    ...Object.entries(outputs.secretNames).map(([source, name]) => hasSecret(source, name, clients)),
    ...(canary === undefined || emulator !== undefined ? [] : [sendCanary(stage, canary, until)]),
  ];
  return Promise.all(checks);
}

/** The URLs without the sources' names. */
function doorsOf({ endpoints }: StageOutputs): string[] {
  return [...new Set(Object.values(endpoints).map((url) => url.slice(0, url.lastIndexOf("/") + 1)))];
}

/** Asks for a source that does not exist: the stage answers by itself, and nothing is queued. */
async function frontDoor(door: string, ask: typeof fetch): Promise<Check> {
  const what = `front door ${door}`;
  try {
    const { status } = await ask(`${door}no-such-source-smoke-test`, {
      method: "POST",
      signal: AbortSignal.timeout(10_000),
    });
    // 403 is the answer of a stage that lets only some addresses in.
    return status === 404 || status === 403
      ? { what, result: "passed", text: `answers (${status} for an unknown source)` }
      : { what, result: "failed", text: `answers ${status} for an unknown source, where 404 is right` };
  } catch (error) {
    const { cause, message } = error as Error;
    return {
      what,
      result: "failed",
      text: `does not answer: ${cause instanceof Error ? cause.message : message}`,
    };
  }
}

function notAsked(door: string, emulator: string): Check {
  return {
    what: `front door ${door}`,
    result: "note",
    text: `not asked: ${emulator} stands for AWS (AWS_ENDPOINT_URL)`,
  };
}

async function worksOff(lane: string, mapping: string, clients: AwsClients): Promise<Check> {
  const what = `queue ${lane}`;
  const [lambda, { GetEventSourceMappingCommand }] = await Promise.all([
    clients.lambda(),
    import("@aws-sdk/client-lambda"),
  ]);
  const { State = "unknown", StateTransitionReason } = await lambda.send(
    new GetEventSourceMappingCommand({ UUID: mapping }),
  );
  return State === "Enabled"
    ? { what, result: "passed", text: "is worked off (event source mapping enabled)" }
    : {
        what,
        result: "failed",
        text: `is not worked off: the event source mapping is ${State}${StateTransitionReason === undefined ? "" : ` (${StateTransitionReason})`}`,
      };
}

async function hasSecret(source: string, name: string, clients: AwsClients): Promise<Check> {
  const what = `secret ${source}`;
  const [secretsManager, { DescribeSecretCommand }] = await Promise.all([
    clients.secretsManager(),
    import("@aws-sdk/client-secrets-manager"),
  ]);
  const { VersionIdsToStages = {} } = await secretsManager.send(
    new DescribeSecretCommand({ SecretId: name }),
  );
  return Object.keys(VersionIdsToStages).length > 0
    ? { what, result: "passed", text: "is stored" }
    : {
        what,
        result: "note",
        text: `no secret yet: its webhooks are retried until one is stored in ${name}`,
      };
}

const marks = { passed: "ok", failed: "FAILED", note: "note" } as const;

export function checksAsText(checks: readonly Check[]): string {
  return [
    "smoke test:",
    ...checks.map(({ what, result, text }) => `  ${marks[result].padEnd(6)}  ${what}: ${text}`),
  ].join("\n");
}
