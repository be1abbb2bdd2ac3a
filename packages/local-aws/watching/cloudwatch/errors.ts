import type { z } from "zod";
import { readInputOr } from "../../services/input.js";
import { ServiceError } from "../../services/service-error.js";

export const validationError = (message: string) => new ServiceError("ValidationException", message);

export const invalidValue = (message: string) => new ServiceError("InvalidParameterValueException", message);

export const invalidCombination = (message: string) =>
  new ServiceError("InvalidParameterCombinationException", message);

export const invalidToken = () => new ServiceError("InvalidNextToken", "The next token is invalid.");

/** Reads a call's input. @throws ServiceError in CloudWatch's words */
export function checked<Schema extends z.ZodType>(schema: Schema, input: unknown): z.output<Schema> {
  return readInputOr(schema, input, (why) => validationError(`1 validation error detected: ${why}`));
}
