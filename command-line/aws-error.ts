import { CommandError } from "./command-error.js";

/** What the SDK throws for an answer of AWS's. */
interface AwsError extends Error {
  readonly $metadata: object;
}

const withoutCredentials = ["CredentialsProviderError", "TokenProviderError"];
const expired = [
  "ExpiredToken",
  "ExpiredTokenException",
  "RequestExpired",
  "UnrecognizedClientException",
  "InvalidClientTokenId",
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
  return new CommandError(`AWS refused it: ${name}: ${message}`, { cause: error });
}

function isAwsError(error: Error): error is AwsError {
  return "$metadata" in error;
}
