/**
 * Work that could not be done now. Like any other error it makes the webhook `failed`; it may say how long to wait until
 * the next try, which counts up to the source's longest delay (`backoff.maxSeconds`).
 */
export class RetryLaterError extends Error {
  override readonly name: string = "RetryLaterError";
  /** Default: the usual backoff. */
  readonly afterSeconds: number | undefined;

  /** @param options afterSeconds: 0 or more */
  constructor(message: string, options: ErrorOptions & { readonly afterSeconds?: number | undefined } = {}) {
    super(message, options);
    this.afterSeconds = options.afterSeconds;
  }
}
