import { ClaimLostError } from "./history.js";

/** Between two tries, each of which is several of the SDK's, with delays of its own. */
const pauseMilliseconds = 500;

/** Errors of DynamoDB's that count as the caller's and pass all the same (AWS fact 6.6). */
const passing: readonly string[] = [
  "ProvisionedThroughputExceededException",
  "ThrottlingException",
  "RequestLimitExceeded",
  "TransactionConflictException",
  "ReplicatedWriteConflictException",
];

/**
 * Writes down how the work on a webhook ended, again and again while the function has time: a handler whose end nobody
 * knows of runs once more, so an outage of DynamoDB that is shorter than that shall not be the reason.
 *
 * @param write may have had its effect although it rejected
 * @param deadline `lastCall` resolves when the time is up
 * @throws what `write` rejects with, at once if trying again is of no use, else when the time is up
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

/** Errors of the network's and the server's pass; the caller's own do not. */
function mayPass(error: unknown): boolean {
  if (error instanceof ClaimLostError) return false;
  const { name, $fault } = error as { readonly name?: string; readonly $fault?: "client" | "server" };
  return $fault !== "client" || passing.includes(name ?? "");
}

function pause(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, pauseMilliseconds));
}
