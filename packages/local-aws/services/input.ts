import type { z } from "zod";
import { ServiceError } from "./service-error.js";

/**
 * Reads a call's input.
 *
 * @param refuse makes the service's own error of what is wrong: `Value at 'Limit' failed to satisfy constraint: …`
 * @throws what `refuse` makes
 */
export function readInputOr<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  refuse: (why: string) => Error,
): z.infer<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  // AWS passes over members that it does not know. Here one may be of AWS's and not of this machine: without effect, it would
  // prove something that is not so.
  if (issue?.code === "unrecognized_keys") {
    const members = issue.keys.map((key) => [...issue.path, key].join("."));
    throw refuse(`local AWS does not know the member ${members.join(", ")}`);
  }
  throw refuse(`Value at '${issue?.path.join(".")}' failed to satisfy constraint: ${issue?.message}`);
}

/** As {@link readInputOr}, with the error of most of AWS's JSON services. */
export function readInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  return readInputOr(schema, input, validationError);
}

/** What AWS's JSON services say of a value that their API model does not allow. */
export function validationError(why: string): ServiceError {
  return new ServiceError("ValidationException", `1 validation error detected: ${why}`);
}

/** An operation that this machine does not have. */
export function unknownOperation(service: string, operation: string): ServiceError {
  return new ServiceError("UnknownOperationException", `${service} on this machine has no ${operation}`, 501);
}
