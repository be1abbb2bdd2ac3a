import { setTimeout as delay } from "node:timers/promises";
import {
  GetEventSourceMappingCommand,
  type LambdaClient,
  ResourceInUseException,
  ResourceNotFoundException,
  UpdateEventSourceMappingCommand,
} from "@aws-sdk/client-lambda";
import { CommandError } from "../../command-line/command-error.js";

/** Whether a function gets its queue's webhooks: docs.aws.amazon.com/lambda/latest/api/API_GetEventSourceMapping.html */
export type MappingState = "enabled" | "disabled" | "changing";

/** How long Lambda may take. It says "about a minute". */
const longestMilliseconds = 120_000;
const pollMilliseconds = 1_000;

/** @throws CommandError for a mapping that is gone */
export async function mappingState(lambda: LambdaClient, mapping: string): Promise<MappingState> {
  try {
    const { State } = await lambda.send(new GetEventSourceMappingCommand({ UUID: mapping }));
    if (State === "Enabled") return "enabled";
    return State === "Disabled" ? "disabled" : "changing";
  } catch (error) {
    if (!(error instanceof ResourceNotFoundException)) throw error;
    throw new CommandError(`there is no event source mapping ${mapping}: the outputs are not those of now`, {
      next: "pulumi up, or read the outputs again",
      cause: error,
    });
  }
}

/**
 * Lets a function get its queue's webhooks, or no longer, and waits until that holds.
 *
 * @throws CommandError if it does not hold in time
 */
export async function switchMapping(
  lambda: LambdaClient,
  mapping: string,
  state: Exclude<MappingState, "changing">,
): Promise<void> {
  const until = Date.now() + longestMilliseconds;
  const notYet = async (): Promise<void> => {
    if (Date.now() < until) return delay(pollMilliseconds);
    throw new CommandError(`Lambda has not ${state} the event source mapping ${mapping} in time`, {
      next: "look with status, and try again",
    });
  };
  while (!(await asked(lambda, mapping, state === "enabled"))) await notYet();
  while ((await mappingState(lambda, mapping)) !== state) await notYet();
}

/** False while Lambda still makes another change, which a deployment may have begun. */
async function asked(lambda: LambdaClient, mapping: string, Enabled: boolean): Promise<boolean> {
  try {
    await lambda.send(new UpdateEventSourceMappingCommand({ UUID: mapping, Enabled }));
    return true;
  } catch (error) {
    if (error instanceof ResourceInUseException) return false;
    throw error;
  }
}
