import type { z } from "zod";
import { ServiceError } from "../service-error.js";

/** Reads a call's input. @throws ServiceError in the words of AWS's own checks */
export function readInput<Schema extends z.ZodType>(schema: Schema, input: unknown): z.infer<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw validationError(
    `Value at '${issue?.path.join(".")}' failed to satisfy constraint: ${issue?.message}`,
  );
}

/** What AWS's JSON services say of a value that their API model does not allow. */
export function validationError(why: string): ServiceError {
  return new ServiceError("ValidationException", `1 validation error detected: ${why}`);
}

/** An operation that this machine does not have. */
export function unknownOperation(service: string, operation: string): ServiceError {
  return new ServiceError("UnknownOperationException", `${service} on this machine has no ${operation}`, 501);
}
