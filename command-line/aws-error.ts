import { CommandError } from "./command-error.js";

/** What the SDK throws for an answer of AWS's. */
interface AwsError extends Error {
  readonly $metadata: { readonly httpStatusCode?: number };
}

const withoutCredentials = ["CredentialsProviderError", "TokenProviderError"];
const expired = [
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
];

/** What says that a call is not there: AWS itself in none of those that are used here, so an emulator. */
const unknownCalls = [
  "UnknownOperationException",
  "InvalidAction",
  "NotImplemented",
  "NotImplementedException",
];

/**
 * What a person can do about an error of the AWS SDK. Undefined for any other error, which is ours.
 */
export function explainAwsError(error: unknown): CommandError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { name, message } = error;
  if (withoutCredentials.includes(name)) {
    return new CommandError(`AWS cannot be asked, because there are no credentials: ${message}`, {
      next: "aws sso login, or set AWS_PROFILE",
      cause: error,
    });
  }
  const { code } = error as NodeJS.ErrnoException;
  if (code === "ECONNREFUSED" || code === "ENOTFOUND" || code === "EAI_AGAIN") {
    return new CommandError(`AWS does not answer: ${message || code}`, { cause: error });
  }
  if (!isAwsError(error)) return undefined;
  if (expired.includes(name)) {
    return new CommandError(`AWS does not know the credentials (any more): ${name}: ${message}`, {
      next: "aws sso login, or set AWS_PROFILE",
      cause: error,
    });
  }
  const unknown = unknownCall(error);
  if (unknown !== undefined) {
    return new CommandError(
      `what answers instead of AWS does not know this call, or failed in it: ${unknown}`,
      {
        next: "look whether AWS_ENDPOINT_URL leads to an emulator: not each of them has all calls",
        cause: error,
      },
    );
  }
  return new CommandError(`AWS refused it: ${name}: ${message}`, { cause: error });
}

/** What an emulator answered to a call that it does not have. Undefined for an answer that AWS gives. */
function unknownCall({ name, message, $metadata }: AwsError): string | undefined {
  // The SDK could not read the answer: AWS's are JSON or XML, an emulator's own failure is a page.
  if (name === "SyntaxError") {
    return `it answered HTTP ${$metadata.httpStatusCode} with something that AWS never says`;
  }
  return unknownCalls.includes(name) ? message : undefined;
}

function isAwsError(error: Error): error is AwsError {
  return "$metadata" in error;
}
