/** A refusal of a local service, before it is put into the protocol's form. */
export class ServiceError extends Error {
  override readonly name = "ServiceError";

  constructor(
    /** `ResourceNotFoundException`, or the full type where the service has one. */
    readonly code: string,
    message: string,
    readonly status: number = 400,
    /** Members beside type and message, such as the item in a failed condition. */
    readonly details: Readonly<Record<string, unknown>> = {},
  ) {
    super(message);
  }
}
