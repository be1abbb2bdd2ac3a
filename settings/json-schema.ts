import { createRequire } from "node:module";
import type { Ajv, ErrorObject, Options } from "ajv";
import type standaloneCode from "ajv/dist/standalone/index.js";
import type addFormats from "ajv-formats";
import { validatorModules } from "../runtime/routing/validation.js";
import type { JsonSchema } from "../runtime/stage/definition.js";

/** A problem in a schema, with its place. */
export interface SchemaProblem {
  /** Keys and positions, starting at the schema's root. */
  readonly path: readonly string[];
  readonly message: string;
}

/** The known drafts, by the start of `$schema`. Without a `$schema` the first one applies. */
const drafts = {
  "https://json-schema.org/draft/2020-12/schema": () => ajvOf("ajv/dist/2020.js"),
  "https://json-schema.org/draft/2019-09/schema": () => ajvOf("ajv/dist/2019.js"),
  "http://json-schema.org/draft-07/schema": () => ajvOf("ajv"),
} as const;

type Draft = keyof typeof drafts;

// Loaded with the first schema: most stages have none, and all would wait for it whenever the program starts.
const load = createRequire(import.meta.url);

function ajvOf(module: string): new (options: Options) => Ajv {
  return (load(module) as { default: new (options: Options) => Ajv }).default;
}

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
 * A JavaScript module that checks values against a schema, for the function's archive. Its default export takes a
 * `require` for the {@link validatorModules} and returns a `Validator`.
 *
 * @throws Error for a schema that has `schemaProblems`
 */
export function validatorCode(schema: JsonSchema): string {
  const { default: standalone } = load("ajv/dist/standalone/index.js") as {
    default: typeof standaloneCode.default;
  };
  const ajv = createAjv(schema);
  const code = standalone(ajv, ajv.compile(schema));
  for (const [, name = ""] of code.matchAll(/\brequire\("([^"\\]+)"\)/g)) {
    if (!validatorModules.some((known) => known === name))
      throw new Error(`validators cannot require ${name}`);
  }
  return `export default function (require) {\nconst module = { exports: {} };\n${code}\nreturn module.exports;\n}\n`;
}

function createAjv(schema: JsonSchema): Ajv {
  const Draft = drafts[draftOf(schema) ?? "https://json-schema.org/draft/2020-12/schema"]();
  const ajv = new Draft(options);
  (load("ajv-formats") as { default: typeof addFormats.default }).default(ajv);
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
