import type { InvokeCommandInput } from "@aws-sdk/client-lambda";
import { InvalidWebhookError } from "../envelope/webhook.js";
import type { TargetOf } from "../stage/targets.js";
import { maxAttempts, once, partsOfArn, requestHandler } from "./client.js";
import { commonErrors, type ErrorTable, TargetError } from "./errors.js";
import { handTo, type OpenTarget } from "./send.js";

const network = { verdict: "wait", why: "Lambda cannot connect the function to its network now" } as const;
const fileSystem = { verdict: "wait", why: "Lambda cannot mount the function's file system now" } as const;
const fileSystemSettings = { verdict: "mend", why: "the function may not mount its file system" } as const;
const vpcSettings = { verdict: "mend", why: "the function's VPC settings are wrong" } as const;
const environmentKey = { verdict: "mend", why: "Lambda cannot decrypt the function's environment" } as const;
const tooLarge = { verdict: "invalid", why: "it is too large for Lambda" } as const;

/** docs.aws.amazon.com/lambda/latest/api/API_Invoke.html#API_Invoke_Errors */
export const functionErrors: ErrorTable = {
  ...commonErrors,
  EC2AccessDeniedException: vpcSettings,
  EC2ThrottledException: network,
  EC2UnexpectedException: network,
  EFSIOException: fileSystem,
  EFSMountConnectivityException: fileSystem,
  EFSMountFailureException: fileSystemSettings,
  EFSMountTimeoutException: fileSystem,
  ENILimitReachedException: network,
  InvalidParameterValueException: {
    verdict: "mend",
    why: "Lambda does not take a parameter, such as the function's alias",
  },
  InvalidRequestContentException: { verdict: "invalid", why: "Lambda cannot read its JSON" },
  InvalidRuntimeException: { verdict: "mend", why: "the function's runtime is not supported" },
  InvalidSecurityGroupIDException: vpcSettings,
  InvalidSubnetIDException: vpcSettings,
  InvalidZipFileException: { verdict: "mend", why: "Lambda cannot unpack the function's code" },
  KMSAccessDeniedException: environmentKey,
  KMSDisabledException: environmentKey,
  KMSInvalidStateException: environmentKey,
  KMSNotFoundException: environmentKey,
  NoPublishedVersionException: { verdict: "mend", why: "the function has no published version" },
  RecursiveInvocationException: {
    verdict: "mend",
    why: "the function is part of a loop that Lambda has stopped",
  },
  RequestTooLargeException: tooLarge,
  ResourceConflictException: { verdict: "wait", why: "the function is being changed" },
  ResourceNotFoundException: { verdict: "mend", why: "there is no such function, version or alias" },
  ResourceNotReadyException: { verdict: "wait", why: "the function was inactive and is being made ready" },
  S3FilesMountConnectivityException: fileSystem,
  S3FilesMountFailureException: fileSystemSettings,
  S3FilesMountTimeoutException: fileSystem,
  SerializedRequestEntityTooLargeException: tooLarge,
  ServiceException: { verdict: "wait", why: "the service has a fault" },
  SnapStartException: { verdict: "mend", why: "the function's afterRestore hook failed" },
  SnapStartNotReadyException: { verdict: "wait", why: "Lambda is making the function ready" },
  SnapStartTimeoutException: { verdict: "wait", why: "Lambda could not restore the function in time" },
  SubnetIPAddressLimitReachedException: network,
  TooManyRequestsException: { verdict: "wait", why: "the function or the account has no free concurrency" },
  UnsupportedMediaTypeException: { verdict: "invalid", why: "Lambda takes JSON only" },
};

/** Largest payload in bytes: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
const mostBytes = { event: 1_048_576, "request-response": 6_291_456 } as const;

/** Longest part of a function's own error that a reason has. */
const longestMessage = 500;

/**
 * Invokes a Lambda function with each webhook.
 *
 * - `event`: Lambda has it in its own queue, tries it by its own rules, and what becomes of it is not seen here.
 * - `request-response`: the webhook is processed when the function returns. Its error makes the webhook failed. An error
 *   named `InvalidWebhookError` makes it invalid, as a handler's does.
 */
export const openFunction: OpenTarget<TargetOf<"function">> = (definition, context) => {
  const { arn, invocation, timeoutSeconds } = definition;
  const { region, resource } = partsOfArn(arn);
  const name = resource.replace("function:", "");
  const called = `the function ${name}`;
  const connect = once(async () => {
    const { InvokeCommand, LambdaClient } = await import("@aws-sdk/client-lambda");
    const client = new LambdaClient(
      // A second try could run the function twice at the same time, and the time for one is bound below.
      invocation === "event"
        ? { region, requestHandler, maxAttempts }
        : { region, requestHandler: { ...requestHandler, requestTimeout: 0 }, maxAttempts: 1 },
    );
    return { client, InvokeCommand };
  });
  return handTo<InvokeCommandInput & { readonly Payload: Buffer }>(definition, context, {
    called,
    mostBytes: mostBytes[invocation],
    errors: functionErrors,
    timeoutSeconds,
    needsWholeTime: invocation === "request-response",
    request: (text) => ({
      FunctionName: arn,
      InvocationType: invocation === "event" ? "Event" : "RequestResponse",
      Payload: Buffer.from(text),
    }),
    sizeBytes: ({ Payload }) => Payload.length,
    async send(request, options) {
      const { client, InvokeCommand } = await connect();
      const { FunctionError, Payload } = await client.send(new InvokeCommand(request), options);
      if (FunctionError === undefined) return;
      const { errorType, errorMessage } = readFunctionError(Payload);
      if (errorType === "InvalidWebhookError") throw new InvalidWebhookError(errorMessage);
      throw new TargetError(`${called} failed: ${[errorType, errorMessage].filter(Boolean).join(": ")}`);
    },
  });
};

/** docs.aws.amazon.com/lambda/latest/dg/nodejs-exceptions.html */
function readFunctionError(payload: Uint8Array | undefined): { errorType: string; errorMessage: string } {
  const unknown = { errorType: "", errorMessage: "it did not say why" };
  try {
    const { errorType = "", errorMessage = "" } = JSON.parse(Buffer.from(payload ?? []).toString("utf8"));
    return { errorType: String(errorType), errorMessage: String(errorMessage).slice(0, longestMessage) };
  } catch {
    return unknown;
  }
}
