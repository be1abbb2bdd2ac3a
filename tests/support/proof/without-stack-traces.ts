/**
 * Runs a schedule. Its errors have no stack traces: handlers fail by the thousand, the log reads each error's stack, and the
 * schedule's story says better where it went wrong.
 */
export async function withoutStackTraces<Result>(schedule: () => Promise<Result>): Promise<Result> {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return await schedule();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}
