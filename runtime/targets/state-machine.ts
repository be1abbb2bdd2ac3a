import type { StartExecutionCommandInput } from "@aws-sdk/client-sfn";
import { sha256 } from "../envelope/sha256.js";
import type { Webhook } from "../envelope/webhook.js";
import type { TargetOf } from "../stage/targets.js";
import { maxAttempts, once, partsOfArn, requestHandler } from "./client.js";
import { commonErrors, type ErrorTable, keyErrors } from "./errors.js";
import { handTo, type OpenTarget } from "./send.js";

/** docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html#API_StartExecution_Errors */
export const stateMachineErrors: ErrorTable = {
  ...commonErrors,
  ExecutionAlreadyExists: { verdict: "done", why: "an earlier try of the webhook started it" },
  ExecutionLimitExceeded: { verdict: "wait", why: "too many executions are open" },
  InvalidArn: { verdict: "mend", why: "the state machine's ARN is wrong" },
  InvalidExecutionInput: { verdict: "invalid", why: "Step Functions cannot read its JSON" },
  InvalidName: { verdict: "invalid", why: "Step Functions does not take the execution's name" },
  KmsAccessDeniedException: keyErrors.denied,
  KmsInvalidStateException: keyErrors.state,
  KmsThrottlingException: keyErrors.throttled,
  StateMachineDeleting: { verdict: "mend", why: "the state machine is being deleted" },
  StateMachineDoesNotExist: { verdict: "mend", why: "there is no such state machine" },
  StateMachineTypeNotSupported: { verdict: "mend", why: "the state machine's type does not allow it" },
  ValidationException: { verdict: "invalid", why: "Step Functions does not take a value of the execution" },
};

/** Largest input in bytes: docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html */
const mostBytes = 262_144;

/** Longest part of a source's name in an execution's, whose other 65 of 80 characters are a hash and a hyphen. */
const longestSource = 15;

/**
 * The name of a webhook's execution. Step Functions starts a name once in 90 days, so that a repetition starts nothing. It
 * consists of characters that CloudWatch Logs takes as well.
 */
export function executionName({ source, id }: Pick<Webhook, "source" | "id">): string {
  return `${source.replaceAll(/[^A-Za-z0-9_-]/g, "-").slice(0, longestSource)}-${sha256(id)}`;
}

/** Starts an execution of a Step Functions state machine for each webhook: `StartExecution`. */
export const openStateMachine: OpenTarget<TargetOf<"stateMachine">> = (definition, context) => {
  const { region, resource } = partsOfArn(definition.arn);
  const connect = once(async () => {
    const { SFNClient, StartExecutionCommand } = await import("@aws-sdk/client-sfn");
    return { client: new SFNClient({ region, requestHandler, maxAttempts }), StartExecutionCommand };
  });
  return handTo<StartExecutionCommandInput>(definition, context, {
    called: `the state machine ${resource.replace("stateMachine:", "")}`,
    mostBytes,
    errors: stateMachineErrors,
    request: (input, webhook) => ({
      stateMachineArn: definition.arn,
      name: executionName(webhook),
      input,
    }),
    sizeBytes: ({ input = "" }) => Buffer.byteLength(input),
    async send(request, options) {
      const { client, StartExecutionCommand } = await connect();
      await client.send(new StartExecutionCommand(request), options);
    },
  });
};
