import type { Deployment, Stack } from "@pulumi/pulumi/automation/index.js";
import { RefusedError, UsageError } from "../../command-line/command-error.js";
import type { Console } from "../../command-line/console.js";
import { type AwsClients, awsClients } from "../../ops/stage/clients.js";
import { readOutputs } from "../../ops/stage/outputs.js";
import { type Stage, stageOf } from "../../ops/stage/stage.js";
import { asked } from "../../pulumi-engine/asked.js";
import { type OpenStack, openStack } from "../../pulumi-engine/open-stack.js";
import { outputsOf } from "../../pulumi-engine/stack-outputs.js";
import { allOf } from "./all-of.js";

/** A stage that is deployed, or is to be, and who deploys it. */
export interface DeployedStage {
  /** The stack's name. */
  readonly name: string;
  /** Address of Pulumi's backend. */
  readonly backend: string;
  /** The account that the credentials belong to. */
  readonly account: string;
  readonly region: string;
  readonly stack: Stack;
  readonly clients: AwsClients;
}

/** Stage, backend, account and Region, as they are named before anything is written. */
export function titleOf({ name, backend, account, region }: DeployedStage): string {
  return `stage ${name} (backend ${backend}, account ${account}, Region ${region})`;
}

/** A stack, and what its file says of where it is deployed. */
export interface StackPlace extends OpenStack {
  /** Undefined if neither the file nor the environment names one. */
  readonly region: string | undefined;
  /** Accounts that the stage may be deployed in. Empty: any. */
  readonly allowedAccounts: readonly string[];
}

/**
 * Finds a stage and the account, and tells a person which they are.
 *
 * @throws RefusedError if the credentials are those of another account than the stage's
 */
export async function openStage(
  console: Console,
  command: string,
  stackName: string | undefined,
): Promise<DeployedStage> {
  return stageAt(console, command, await placeOf(await openStack(command, stackName)));
}

/** Reads a stack's file. From then on the file's profile is that of every client of AWS, and of the engine. */
export async function placeOf({ name, stack }: OpenStack): Promise<StackPlace> {
  const settings = await settingsOf(name, stack);
  const profile = settings.text("aws:profile");
  if (profile !== undefined) process.env.AWS_PROFILE = profile;
  return {
    name,
    stack,
    region: settings.text("aws:region") ?? process.env.AWS_REGION ?? process.env.AWS_DEFAULT_REGION,
    allowedAccounts: settings.list("aws:allowedAccountIds"),
  };
}

/** As `openStage`, for a stack whose place is known. */
export async function stageAt(console: Console, command: string, place: StackPlace): Promise<DeployedStage> {
  const { name, stack } = place;
  // All at once: each question to Pulumi's command line takes about a second.
  const [outputs, { url: backend = "unknown" }, at] = await allOf([
    outputsOf(command, name, "masked"),
    asked(command, name, () => stack.workspace.whoAmI()),
    accountAt(place),
  ]);
  const stage = { name, backend, ...at, stack, clients: awsClients(at) };
  console.tell(titleOf(stage));
  refuseOtherAccount(stage, place.allowedAccounts, outputs);
  return stage;
}

/**
 * A stage as its operators have it. Its outputs are in clear, and not to be shown.
 *
 * @returns undefined if nothing is deployed yet
 * @throws CommandError for outputs of another program, or another release
 */
export async function operatedStage(
  command: string,
  { name, clients }: DeployedStage,
): Promise<Stage | undefined> {
  const outputs = await outputsOf(command, name, "clear");
  if (Object.keys(outputs).length === 0) return undefined;
  return { ...stageOf(name, readOutputs(outputs, `the stack ${name}`)), clients };
}

/** A resource in a stack's state. */
export interface StateResource {
  readonly urn: string;
  readonly type: string;
  readonly id?: string;
  readonly protect?: boolean;
  readonly retainOnDelete?: boolean;
  /** Whether it was replaced, and is only to be deleted. */
  readonly delete?: boolean;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** What an interrupted update had begun. */
export interface PendingOperation {
  readonly type: "creating" | "updating" | "deleting" | "reading" | "importing";
  readonly resource: StateResource;
}

export interface StackState {
  readonly resources: readonly StateResource[];
  readonly pendingOperations: readonly PendingOperation[];
}

/** What Pulumi knows of a stack. Secrets are encrypted in it. */
export async function stateOf(command: string, { name, stack }: OpenStack): Promise<StackState> {
  const { deployment }: Deployment = await asked(command, name, () => stack.exportStack());
  return {
    resources: deployment?.resources ?? [],
    pendingOperations: deployment?.pending_operations ?? [],
  };
}

async function settingsOf(name: string, stack: Stack) {
  const { config = {} } = await stack.workspace.stackSettings(name).catch(() => ({ config: undefined }));
  const of = (key: string): unknown => (config as Record<string, unknown>)[key];
  return {
    text: (key: string) => (typeof of(key) === "string" ? (of(key) as string) : undefined),
    list: (key: string): readonly string[] => {
      const value = of(key);
      if (value === undefined) return [];
      // Pulumi's command line writes a list as its JSON.
      const list: unknown = typeof value === "string" && value.startsWith("[") ? JSON.parse(value) : value;
      return Array.isArray(list) ? list.map(String) : [String(list)];
    },
  };
}

async function accountAt({ name, region }: StackPlace): Promise<Pick<DeployedStage, "account" | "region">> {
  if (region === undefined) {
    throw new UsageError(`Pulumi.${name}.yaml names no Region`, {
      next: `pulumi config set aws:region eu-west-1 --stack ${name}`,
    });
  }
  const { GetCallerIdentityCommand, STSClient } = await import("@aws-sdk/client-sts");
  const { Account: account = "unknown" } = await new STSClient({ region }).send(
    new GetCallerIdentityCommand({}),
  );
  return { account, region };
}

function refuseOtherAccount(
  { name, account }: DeployedStage,
  allowed: readonly string[],
  { alarmTopicArn }: Readonly<Record<string, unknown>>,
): void {
  if (allowed.length > 0 && !allowed.includes(account)) {
    throw new RefusedError(
      `the credentials are those of account ${account}, and aws:allowedAccountIds of ${name} names ${allowed.join(", ")}`,
      { next: "use the credentials of the stage's account (AWS_PROFILE)" },
    );
  }
  const [, , , , deployed] = typeof alarmTopicArn === "string" ? alarmTopicArn.split(":") : [];
  if (deployed !== undefined && deployed !== account) {
    throw new RefusedError(
      `the credentials are those of account ${account}, and ${name} is deployed in account ${deployed}`,
      { next: "use the credentials of the stage's account (AWS_PROFILE)" },
    );
  }
}
