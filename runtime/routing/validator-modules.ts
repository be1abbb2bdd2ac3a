import equal from "ajv/dist/runtime/equal.js";
import ucs2length from "ajv/dist/runtime/ucs2length.js";
import formats from "ajv-formats/dist/formats.js";
import type { validatorModules } from "./validation.js";

const modules: Readonly<Record<(typeof validatorModules)[number], unknown>> = {
  "ajv/dist/runtime/equal": equal,
  "ajv/dist/runtime/ucs2length": ucs2length,
  "ajv-formats/dist/formats": formats,
};

/** `require` for validators, which are CommonJS inside. */
export function requireForValidators(name: string): unknown {
  return (modules as Readonly<Record<string, unknown>>)[name];
}
