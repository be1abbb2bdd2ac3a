import { afterEach, describe, expect, it } from "vitest";
import type { TargetKind } from "../../../runtime/stage/targets.js";
import type { ErrorTable } from "../../../runtime/targets/errors.js";
import { eventBusErrors } from "../../../runtime/targets/event-bus.js";
import { firehoseErrors } from "../../../runtime/targets/firehose.js";
import { functionErrors } from "../../../runtime/targets/function.js";
import { queueErrors } from "../../../runtime/targets/queue.js";
import { stateMachineErrors } from "../../../runtime/targets/state-machine.js";
import { streamErrors } from "../../../runtime/targets/stream.js";
import { topicErrors } from "../../../runtime/targets/topic.js";
import { type AwsAnswer, type FakeAws, handOver, startFakeAws, targets } from "../../support/aws-target.js";

let aws: FakeAws | undefined;
afterEach(async () => {
  await aws?.stop();
  aws = undefined;
});

const tables: Readonly<Record<TargetKind, ErrorTable>> = {
  queue: queueErrors,
  eventBus: eventBusErrors,
  topic: topicErrors,
  function: functionErrors,
  stateMachine: stateMachineErrors,
  stream: streamErrors,
  firehose: firehoseErrors,
};

/** Every code that AWS documents for the call, and what becomes of the webhook. */
const ofEveryService = {
  failed: [
    ...[
      "AccessDenied",
      "AccessDeniedException",
      "NotAuthorized",
      "ExpiredTokenException",
      "IncompleteSignature",
    ],
    ...["InvalidClientTokenId", "UnrecognizedClientException", "OptInRequired", "RequestExpired"],
    ...["InternalFailure", "ServiceUnavailable", "Throttling", "ThrottlingException"],
  ],
};
const expected: Readonly<
  Record<TargetKind, { readonly [outcome in "failed" | "invalid" | "processed"]?: readonly string[] }>
> = {
  queue: {
    invalid: ["InvalidMessageContents", "InvalidParameterValue", "InvalidParameterValueException"],
    failed: [
      ...["InvalidAddress", "InvalidSecurity", "KmsAccessDenied", "KmsDisabled", "KmsInvalidKeyUsage"],
      ...["KmsInvalidState", "KmsNotFound", "KmsOptInRequired", "KmsThrottled", "MissingParameter"],
      ...["QueueDoesNotExist", "RequestThrottled", "UnsupportedOperation"],
    ],
  },
  eventBus: {
    invalid: ["InvalidArgument", "MalformedDetail", "RedactionFailure", "ValidationException"],
    failed: [
      ...["InternalException", "InvalidAccountIdException", "LimitExceededException"],
      ...[
        "NotAuthorizedForDetailTypeException",
        "NotAuthorizedForSourceException",
        "ResourceNotFoundException",
      ],
    ],
  },
  topic: {
    invalid: ["InvalidParameter", "ParameterValueInvalid", "ValidationException"],
    failed: [
      ...["AuthorizationError", "EndpointDisabled", "InternalError", "InvalidSecurity", "KMSAccessDenied"],
      ...["KMSDisabled", "KMSInvalidState", "KMSNotFound", "KMSOptInRequired", "KMSThrottling", "NotFound"],
      ...["PlatformApplicationDisabled", "Throttled"],
    ],
  },
  function: {
    invalid: [
      ...["InvalidRequestContentException", "RequestTooLargeException"],
      ...["SerializedRequestEntityTooLargeException", "UnsupportedMediaTypeException"],
    ],
    failed: [
      ...["EC2AccessDeniedException", "EC2ThrottledException", "EC2UnexpectedException", "EFSIOException"],
      ...["EFSMountConnectivityException", "EFSMountFailureException", "EFSMountTimeoutException"],
      ...["ENILimitReachedException", "InvalidParameterValueException", "InvalidRuntimeException"],
      ...["InvalidSecurityGroupIDException", "InvalidSubnetIDException", "InvalidZipFileException"],
      ...[
        "KMSAccessDeniedException",
        "KMSDisabledException",
        "KMSInvalidStateException",
        "KMSNotFoundException",
      ],
      ...["NoPublishedVersionException", "RecursiveInvocationException", "ResourceConflictException"],
      ...["ResourceNotFoundException", "ResourceNotReadyException", "S3FilesMountConnectivityException"],
      ...["S3FilesMountFailureException", "S3FilesMountTimeoutException", "ServiceException"],
      ...["SnapStartException", "SnapStartNotReadyException", "SnapStartTimeoutException"],
      ...["SubnetIPAddressLimitReachedException", "TooManyRequestsException"],
    ],
  },
  stateMachine: {
    processed: ["ExecutionAlreadyExists"],
    invalid: ["InvalidExecutionInput", "InvalidName", "ValidationException"],
    failed: [
      ...["ExecutionLimitExceeded", "InvalidArn", "KmsAccessDeniedException", "KmsInvalidStateException"],
      ...["KmsThrottlingException", "StateMachineDeleting", "StateMachineDoesNotExist"],
      ...["StateMachineTypeNotSupported"],
    ],
  },
  stream: {
    invalid: ["InvalidArgumentException", "ValidationException"],
    failed: [
      ...["InternalFailureException", "KMSAccessDeniedException", "KMSDisabledException"],
      ...["KMSInvalidStateException", "KMSNotFoundException", "KMSOptInRequired", "KMSThrottlingException"],
      ...["ProvisionedThroughputExceededException", "ResourceNotFoundException"],
    ],
  },
  firehose: {
    invalid: ["InvalidArgumentException", "ValidationException"],
    failed: [
      ...["InvalidKMSResourceException", "InvalidSourceException", "ResourceNotFoundException"],
      ...["ServiceUnavailableException"],
    ],
  },
};

const kinds = Object.keys(tables) as TargetKind[];
const cases = kinds.flatMap((kind) =>
  [expected[kind], ofEveryService].flatMap((outcomes) =>
    Object.entries(outcomes).flatMap(([outcome, codes = []]) =>
      codes.map((code) => ({ kind, code, outcome })),
    ),
  ),
);

/** An error as the service writes it. */
function answerOf(kind: TargetKind, code: string): AwsAnswer {
  const message = "the service's own words";
  if (kind === "topic") {
    const error = `<Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error>`;
    const headers = { "content-type": "text/xml" };
    return { status: 400, headers, body: `<ErrorResponse>${error}<RequestId>1</RequestId></ErrorResponse>` };
  }
  const headers = { "content-type": "application/json", "x-amzn-errortype": code };
  return { status: 400, headers, body: JSON.stringify({ __type: code, message, Message: message }) };
}

describe("an error of a target", () => {
  it.each(cases)("$kind: $code leaves the webhook $outcome", async ({ kind, code, outcome }) => {
    aws = await startFakeAws(() => answerOf(kind, code));
    const result = await handOver(targets[kind]);
    expect(result.outcome).toBe(outcome);
    if (outcome !== "processed") expect(result.reason).toContain(`orders answered ${code}: `);
  });

  it.each(kinds)("is known with all its codes: %s", (kind) => {
    const listed = cases.filter((each) => each.kind === kind).map(({ code }) => code);
    expect(Object.keys(tables[kind]).sort()).toEqual(listed.sort());
  });

  it.each(kinds)("is tried again if its code is new: %s", async (kind) => {
    aws = await startFakeAws(() => answerOf(kind, "SomethingNew"));
    expect(await handOver(targets[kind])).toMatchObject({
      outcome: "failed",
      reason: expect.stringContaining("orders answered SomethingNew (the service's own words)"),
    });
  });

  it.each([
    "InvalidArgument",
    "MalformedDetail",
    "InternalFailure",
    "ThrottlingException",
    "AccessDeniedException",
    "InvalidAccountIdException",
    "NotAuthorizedForSourceException",
    "NotAuthorizedForDetailTypeException",
  ])("of an entry counts like one of the request: %s", async (code) => {
    aws = await startFakeAws(() => ({
      status: 200,
      body: JSON.stringify({ FailedEntryCount: 1, Entries: [{ ErrorCode: code, ErrorMessage: "why" }] }),
    }));
    const { outcome, reason } = await handOver(targets.eventBus);
    expect(outcome).toBe(eventBusErrors[code]?.verdict === "invalid" ? "invalid" : "failed");
    expect(reason).toContain(`the event bus orders answered ${code}: `);
  });

  it("never quotes the service where it may quote the webhook", async () => {
    aws = await startFakeAws(() => answerOf("stateMachine", "InvalidExecutionInput"));
    const { reason } = await handOver(targets.stateMachine);
    expect(reason).not.toContain("own words");
  });

  it("waits as long as Lambda asks for", async () => {
    aws = await startFakeAws(() => {
      const answer = answerOf("function", "TooManyRequestsException");
      return { ...answer, status: 429, headers: { ...answer.headers, "retry-after": "7" } };
    });
    expect(await handOver(targets.function)).toMatchObject({ outcome: "failed", retryAfterSeconds: 7 });
  });
});
