import { InvalidWebhookError, type Webhook } from "../envelope/webhook.js";
import { describeProblems, type Problem } from "./problems.js";

/**
 * A source's JSON schema as code. ajv compiles it when the program runs, so the function neither contains ajv nor
 * evaluates text. It returns whether a value fits, and keeps the errors until its next call.
 */
export interface Validator {
  (value: unknown): boolean;
  readonly errors?: readonly ValidationError[] | null | undefined;
}

/** Modules of ajv that validators may require. `validator-modules.ts` has them. */
export const validatorModules = [
  "ajv/dist/runtime/equal",
  "ajv/dist/runtime/ucs2length",
  "ajv-formats/dist/formats",
] as const;

/** What a validator's module exports as its default. */
export type MakeValidator = (require: (name: string) => unknown) => Validator;

/** The part of ajv's errors that is used. The rest may repeat values. */
export interface ValidationError {
  /** JSON pointer (RFC 6901). */
  readonly instancePath: string;
  readonly message?: string | undefined;
  readonly params?: Readonly<Record<string, unknown>> | undefined;
}

/** Additional keys, which ajv reports separately from the path of their object. */
const keyParameters = ["additionalProperty", "unevaluatedProperty"];

/**
 * Checks a webhook against its source's schema.
 *
 * @throws InvalidWebhookError with the first problems, for a body that is not JSON or does not fit
 */
export function checkSchema(validate: Validator, webhook: Webhook): void {
  if (validate(webhook.json())) return;
  throw new InvalidWebhookError(describeProblems((validate.errors ?? []).map(problemOf)));
}

function problemOf({ instancePath, message, params = {} }: ValidationError): Problem {
  const keys = instancePath
    .split("/")
    .slice(1)
    .map((part) => part.replaceAll("~1", "/").replaceAll("~0", "~"));
  const surplus = keyParameters.map((name) => params[name]).find((key) => typeof key === "string");
  return { path: surplus === undefined ? keys : [...keys, surplus], message: message ?? "does not fit" };
}
