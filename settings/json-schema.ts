import { Ajv, type ErrorObject, type Options } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import standaloneCode from "ajv/dist/standalone/index.js";
import addFormats from "ajv-formats";
import type { JsonSchema } from "../runtime/stage/definition.js";

/** A problem in a schema, with its place. */
export interface SchemaProblem {
  /** Keys and positions, starting at the schema's root. */
  readonly path: readonly string[];
  readonly message: string;
}

/** The known drafts, by the start of `$schema`. Without a `$schema` the first one applies. */
const drafts = {
  "https://json-schema.org/draft/2020-12/schema": Ajv2020,
  "https://json-schema.org/draft/2019-09/schema": Ajv2019,
  "http://json-schema.org/draft-07/schema": Ajv,
} as const;

type Draft = keyof typeof drafts;

const options: Options = {
  // All problems of a body are reported at once.
  allErrors: true,
  // An unknown keyword or format is a typing mistake and would check nothing. Which types a keyword is combined with,
  // however, is a matter of taste.
  strictSchema: true,
  strictTypes: false,
  strictTuples: false,
  logger: false,
  code: { source: true, lines: true },
};

/** The problems of a JSON schema. It has none if `validatorCode` can compile it. */
export function schemaProblems(schema: JsonSchema): SchemaProblem[] {
  const { $schema } = schema;
  if ($schema !== undefined && draftOf(schema) === undefined) {
    return [{ path: ["$schema"], message: `must be one of ${Object.keys(drafts).join(", ")}` }];
  }
  if (schema.$async !== undefined) {
    return [{ path: ["$async"], message: "cannot be used: bodies are checked synchronously" }];
  }
  const ajv = createAjv(schema);
  if (ajv.validateSchema(schema) !== true) {
    const problems = (ajv.errors ?? []).map(problemOf);
    // Of several errors in one place, the first is the reason. The others are alternatives that failed with it.
    return problems.filter(
      ({ path }, index) => index === problems.findIndex((other) => samePath(other.path, path)),
    );
  }
  try {
    ajv.compile(schema);
    return [];
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return [{ path: [], message: message.replace(/^strict mode: /, "") }];
  }
}

/**
 * JavaScript that checks values against a schema, for the function's bundle: an expression whose value is a
 * `Validator`. It `require`s a few small modules of ajv, which esbuild bundles with it.
 *
 * @throws Error for a schema that has `schemaProblems`
 */
export function validatorCode(schema: JsonSchema): string {
  const ajv = createAjv(schema);
  const code = standaloneCode.default(ajv, ajv.compile(schema));
  return `(() => { const module = { exports: {} };\n${code}\nreturn module.exports; })()`;
}

function createAjv(schema: JsonSchema): Ajv | Ajv2019 | Ajv2020 {
  const Draft = drafts[draftOf(schema) ?? "https://json-schema.org/draft/2020-12/schema"];
  const ajv = new Draft(options);
  addFormats.default(ajv);
  return ajv;
}

function draftOf({ $schema }: JsonSchema): Draft | undefined {
  if (typeof $schema !== "string") return undefined;
  const uri = $schema.replace(/#$/, "");
  return (Object.keys(drafts) as Draft[]).find((draft) => draft === uri);
}

function samePath(left: readonly string[], right: readonly string[]): boolean {
  return left.length === right.length && left.every((part, index) => part === right[index]);
}

function problemOf({ instancePath, message = "is not valid", params }: ErrorObject): SchemaProblem {
  const path = instancePath
    .split("/")
    .slice(1)
    .map((part) => decodeURIComponent(part).replaceAll("~1", "/").replaceAll("~0", "~"));
  const allowed = (params as { allowedValues?: unknown }).allowedValues;
  return { path, message: Array.isArray(allowed) ? `must be one of ${allowed.join(", ")}` : message };
}
