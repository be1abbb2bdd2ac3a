import { ClaimLostError } from "./history.js";

/** Pause between two tries. Each try consists of several tries of the SDK, with its own delays. */
const pauseMilliseconds = 500;

/** Errors of DynamoDB that count as the caller's but are temporary (AWS fact 6.6). */
const passing: readonly string[] = [
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "TransactionConflictException",
  "ReplicatedWriteConflictException",
];

/**
 * Records how the work on a webhook ended, and repeats the write while the function has time. A handler whose end is
 * not recorded runs again, so an outage of DynamoDB that is shorter than the function's time must not prevent it.
 *
 * @param write may have taken effect although it rejected
 * @param deadline `lastCall` resolves when the time is up
 * @throws the error of `write`: at once if a retry cannot help, else when the time is up
 */
export async function untilWritten(
  write: () => Promise<void>,
  { lastCall }: { readonly lastCall: Promise<void> },
): Promise<void> {
  let timeIsUp = false;
  void lastCall.then(() => {
    timeIsUp = true;
  });
  for (;;) {
    try {
      return await write();
    } catch (error) {
      if (timeIsUp || !mayPass(error)) throw error;
    }
    await Promise.race([pause(), lastCall]);
  }
}

/** Errors of the network and the server are temporary; the caller's own are not. */
function mayPass(error: unknown): boolean {
  if (error instanceof ClaimLostError) return false;
  const { name, $fault } = error as { readonly name?: string; readonly $fault?: "client" | "server" };
  return $fault !== "client" || passing.includes(name ?? "");
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
}
