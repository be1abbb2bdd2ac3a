import { z } from "zod";
import { isHeaderName } from "../places.js";
import { wholeNumber } from "../units.js";

/** Something that is wrong with one setting of a signature. */
export interface Problem {
  readonly path: string;
  readonly message: string;
}

export function report(problems: readonly Problem[], context: z.core.$RefinementCtx): void {
  for (const { path, message } of problems) context.addIssue({ code: "custom", path: [path], message });
}

export const headerName = z
  .string()
  .refine(isHeaderName, "must be the name of a header, such as x-signature")
  .transform((name) => name.toLowerCase());

export const toleranceSeconds = wholeNumber(1, 86_400, "seconds");

export const part = z.string().min(1, "must not be empty: leave it out instead");

/** A text in the value of a header. */
export const separator = part.regex(
  /^[\x20-\x7e]*$/,
  "must be of printable ASCII characters, as a header's value",
);

/** What a value starts with. HTTP drops spaces at the beginning of a header's value. */
export const prefix = separator.regex(/^(?! )/, "must not begin with a space: a header's value never does");
