/** A problem in a schema: where it is, and what is wrong. */
export interface EdgeSchemaProblem {
  readonly path: readonly string[];
  readonly message: string;
}

const types = ["object", "array", "string", "number", "integer", "boolean"];

/** The keywords that API Gateway checks in an imported model, each with a test of its value. */
const keywords: Readonly<Record<string, (value: unknown) => boolean>> = {
  type: (value) => types.includes(value as string),
  properties: isObject,
  items: isObject,
  required: (value) => Array.isArray(value) && value.length > 0 && value.every(isText),
  enum: (value) => Array.isArray(value) && value.length > 0,
  pattern: isText,
  title: isText,
  description: isText,
  ...Object.fromEntries(
    ["minLength", "maxLength", "minProperties", "maxProperties"].map((name) => [name, isCount] as const),
  ),
  minimum: (value) => typeof value === "number",
  maximum: (value) => typeof value === "number",
};

/**
 * The parts of an edge schema that API Gateway would not check or not import. It silently ignores some keywords, so a
 * schema with one of them accepts bodies that it seems to refuse:
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-known-issues.html
 */
export function edgeSchemaProblems(schema: unknown, path: readonly string[] = []): EdgeSchemaProblem[] {
  if (!isObject(schema)) return [{ path, message: "must be a JSON schema" }];
  return Object.entries(schema).flatMap(([keyword, value]) => {
    const here = [...path, keyword];
    const holds = Object.hasOwn(keywords, keyword) ? keywords[keyword] : undefined;
    if (holds === undefined) {
      const known = Object.keys(keywords).join(", ");
      return [{ path: here, message: `is not checked by API Gateway; it checks ${known}` }];
    }
    if (!holds(value))
      return [{ path: here, message: "is not a valid value for this keyword in JSON schema (draft 4)" }];
    if (keyword === "items") return edgeSchemaProblems(value, here);
    if (keyword !== "properties") return [];
    return Object.entries(value as object).flatMap(([name, inner]) =>
      edgeSchemaProblems(inner, [...here, name]),
    );
  });
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isText(value: unknown): value is string {
  return typeof value === "string" && value !== "";
}

function isCount(value: unknown): boolean {
  return Number.isInteger(value) && Number(value) >= 0;
}
