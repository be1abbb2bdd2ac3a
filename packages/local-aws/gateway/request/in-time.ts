/**
 * Waits for a call, but not for longer than this: the client is answered then. The call itself goes on, as on AWS, and may
 * still succeed.
 *
 * @param late makes the error that is thrown in the call's place
 */
export async function inTime<T>(
  timeoutMilliseconds: number,
  call: Promise<T>,
  late: (problem: string) => Error,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(late(`no answer within ${timeoutMilliseconds} ms`)), timeoutMilliseconds);
  });
  try {
    return await Promise.race([call, tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
