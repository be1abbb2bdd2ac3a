import { z } from "zod";
import { UserError } from "../../program/user-error.js";
import type { JsonSchema } from "./openapi.js";

/** Says what is wrong with a body; undefined when it fits its model. */
export type BodyModel = (body: string) => string | undefined;

/** The keywords of draft 4 that are checked here; a schema with any other is refused, not half checked. */
const checkedKeywords = new Set([
  "$ref",
  "type",
  "enum",
  "properties",
  "required",
  "additionalProperties",
  "patternProperties",
  "minProperties",
  "maxProperties",
  "items",
  "minItems",
  "maxItems",
  "uniqueItems",
  "minLength",
  "maxLength",
  "pattern",
  "minimum",
  "maximum",
  "exclusiveMinimum",
  "exclusiveMaximum",
  "multipleOf",
  "allOf",
  "anyOf",
  "oneOf",
  "nullable",
]);
const describingKeywords = new Set([
  "$schema",
  "id",
  "title",
  "description",
  "default",
  "example",
  "definitions",
]);

/**
 * A model from a JSON schema, draft 4.
 *
 * @param schemas `components.schemas`, which a `$ref` names
 * @throws UserError for a schema with a keyword that is not checked locally
 */
export function bodyModel(
  schema: JsonSchema,
  schemas: Readonly<Record<string, JsonSchema>>,
  where: string,
): BodyModel {
  const definitions = Object.fromEntries(
    Object.entries(schemas).map(([name, shared]) => [name, localReferences(shared)]),
  );
  for (const part of [schema, ...Object.values(schemas)]) checkKeywords(part, where);
  let model: z.ZodType;
  try {
    const document = { ...(localReferences(schema) as JsonSchema), definitions };
    model = z.fromJSONSchema(document as z.core.JSONSchema.JSONSchema, { defaultTarget: "draft-4" });
  } catch (error) {
    throw new UserError(`${where}: the model cannot be checked locally: ${(error as Error).message}`);
  }
  return (body) => {
    let value: unknown;
    try {
      value = JSON.parse(body);
    } catch {
      return "the body is not JSON";
    }
    const result = model.safeParse(value);
    if (result.success) return undefined;
    return result.error.issues.map(({ path, message }) => `#/${path.join("/")}: ${message}`).join("; ");
  };
}

function localReferences(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(localReferences);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      key === "$ref" && typeof inner === "string"
        ? inner.replace("#/components/schemas/", "#/definitions/")
        : localReferences(inner),
    ]),
  );
}

function checkKeywords(schema: unknown, where: string): void {
  if (typeof schema !== "object" || schema === null) return;
  for (const [keyword, value] of Object.entries(schema)) {
    if (describingKeywords.has(keyword) || keyword.startsWith("x-")) continue;
    if (!checkedKeywords.has(keyword))
      throw new UserError(`${where}: the model's keyword "${keyword}" is not supported locally`);
    if (keyword === "properties" || keyword === "patternProperties") {
      for (const inner of Object.values(value as object)) checkKeywords(inner, where);
    } else if (keyword !== "enum") {
      for (const inner of Array.isArray(value) ? value : [value]) checkKeywords(inner, where);
    }
  }
}
