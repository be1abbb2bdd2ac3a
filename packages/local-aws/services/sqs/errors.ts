/**
 * A refusal of SQS. The query protocol and the JSON protocol name the same fault differently; the JSON protocol carries
 * the other's name in the header `x-amzn-query-error`, and the SDK reads it from there (AWS fact 2.5).
 */
export class SqsError extends Error {
  override readonly name = "SqsError";

  constructor(
    /** Code of the query protocol. */
    readonly code: string,
    message: string,
    /** Shape name of the JSON protocol. */
    readonly shape: string = code,
    readonly status: number = 400,
  ) {
    super(message);
  }
}

export const queueDoesNotExist = () =>
  new SqsError(
    "AWS.SimpleQueueService.NonExistentQueue",
    "The specified queue does not exist.",
    "QueueDoesNotExist",
  );

export const invalidParameter = (message: string) =>
  new SqsError("InvalidParameterValue", message, "InvalidParameterValueException");

export const missingParameter = (name: string) =>
  new SqsError(
    "MissingParameter",
    `The request must contain the parameter ${name}.`,
    "MissingRequiredParameterException",
  );

export const batchError = (kind: string, message: string) =>
  new SqsError(`AWS.SimpleQueueService.${kind}`, message, kind);
