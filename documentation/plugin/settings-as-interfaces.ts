import { z } from "zod";
import { type Group, schemas } from "../../settings/schemas.js";

/** Where the settings of Pulumi's package are, as TypeScript that its schema is inferred from. */
export const pluginSettingsFile = "plugin/settings.mts";

/** What is read here of a JSON schema. */
interface Schema {
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly default?: unknown;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly items?: Schema;
  readonly additionalProperties?: Schema | boolean;
  readonly oneOf?: readonly Schema[];
  readonly anyOf?: readonly Schema[];
}

/**
 * The settings as interfaces, group by group. Pulumi infers a package's schema from interfaces, and knows no unions: where a
 * setting is one of several objects, it has the properties of all; where it is one of several types, it is any of them. What
 * is allowed together is checked by the settings themselves.
 */
export function settingsAsInterfaces(): string {
  const interfaces: string[] = [];
  const groups = Object.entries(schemas).map(([group, zod]) => {
    const schema = z.toJSONSchema(zod, { io: "input", unrepresentable: "any" }) as Schema;
    const type = typeOf(schema, pascal(group === "sources" ? "source" : group), interfaces);
    const optional = isOptional(group as Group) ? "?" : "";
    return property({ name: group, optional, type: `pulumi.Input<${type}>`, schema });
  });
  return [
    "// Written by `npm run docs` from settings/: change the settings there.",
    "// biome-ignore-all lint/suspicious/noExplicitAny: Pulumi's packages know no unions of types.",
    'import type * as pulumi from "@pulumi/pulumi";',
    "",
    "/** The settings of a pipeline, as a stage's file has them. */",
    "export interface WebhookPipelineArgs {",
    ...groups,
    "}",
    "",
    ...interfaces,
  ].join("\n");
}

function isOptional(group: Group): boolean {
  return schemas[group].safeParse(undefined).success;
}

/** TypeScript of a schema. An object becomes an interface with this name. */
function typeOf(schema: Schema, name: string, interfaces: string[]): string {
  const kinds = [...(schema.oneOf ?? []), ...(schema.anyOf ?? [])];
  if (kinds.length > 0) return typeOfUnion(kinds, name, interfaces);
  if (schema.enum !== undefined) return onlyType(schema.enum);
  if (schema.const !== undefined) return onlyType([schema.const]);
  switch (schema.type) {
    case "string":
    case "boolean":
      return schema.type;
    case "integer":
    case "number":
      return "number";
    case "array":
      return schema.items === undefined ? "any[]" : `${typeOf(schema.items, name, interfaces)}[]`;
    case "object":
      return typeOfObject(schema, name, interfaces);
    default:
      return "any";
  }
}

function typeOfUnion(kinds: readonly Schema[], name: string, interfaces: string[]): string {
  if (kinds.every(({ properties }) => properties !== undefined)) {
    return typeOfObject(merged(kinds), name, interfaces);
  }
  const types = new Set(
    kinds.map((kind) => (kind.properties === undefined ? typeOf(kind, name, []) : "any")),
  );
  const [only = "any", ...others] = types;
  return others.length === 0 ? only : "any";
}

/** One object with the properties of all; only what each of them must have is required. */
function merged(kinds: readonly Schema[]): Schema {
  const properties: Record<string, Schema> = {};
  for (const kind of kinds) {
    for (const [key, schema] of Object.entries(kind.properties ?? {})) {
      const former = properties[key];
      properties[key] =
        former === undefined || JSON.stringify(former) === JSON.stringify(schema)
          ? schema
          : { anyOf: [...(former.anyOf ?? [former]), schema] };
    }
  }
  const required = Object.keys(properties).filter((key) =>
    kinds.every((kind) => kind.required?.includes(key)),
  );
  return { type: "object", properties, required };
}

function typeOfObject(schema: Schema, name: string, interfaces: string[]): string {
  const { properties = {}, required = [], additionalProperties } = schema;
  if (Object.keys(properties).length === 0) {
    return typeof additionalProperties === "object"
      ? `{ [key: string]: ${typeOf(additionalProperties, name, interfaces)} }`
      : "any";
  }
  const lines = Object.entries(properties).map(([key, value]) =>
    property({
      name: key,
      optional: required.includes(key) ? "" : "?",
      type: typeOf(value, `${name}${pascal(key)}`, interfaces),
      schema: value,
    }),
  );
  const whole = `${name}Settings`;
  interfaces.push(`export interface ${whole} {`, ...lines, "}", "");
  return whole;
}

function onlyType(values: readonly unknown[]): string {
  const types = new Set(values.map((value) => typeof value));
  const [only] = types;
  return types.size === 1 && (only === "string" || only === "number" || only === "boolean") ? only : "any";
}

function property({
  name,
  optional,
  type,
  schema,
}: {
  readonly name: string;
  readonly optional: string;
  readonly type: string;
  readonly schema: Schema;
}): string {
  const words = wordsOf(schema);
  const comment = words === "" ? "" : `  /** ${words} */\n`;
  return `${comment}  readonly ${/^\w+$/.test(name) ? name : JSON.stringify(name)}${optional}: ${type};`;
}

/** What is allowed and what is the default, in words. */
function wordsOf(schema: Schema): string {
  const { enum: values, minimum, maximum, default: otherwise, anyOf = [], oneOf = [] } = schema;
  const kinds = [...anyOf, ...oneOf, ...(values === undefined ? [schema] : [{ enum: values }])];
  const allowed = [
    ...new Set(kinds.flatMap((kind) => kind.enum ?? (kind.const === undefined ? [] : [kind.const]))),
  ];
  const sentences = [
    allowed.length > 1 ? `One of ${allowed.join(", ")}.` : "",
    minimum !== undefined && maximum !== undefined ? `${minimum} to ${maximum}.` : "",
    otherwise === undefined ||
    (typeof otherwise === "object" && otherwise !== null && Object.keys(otherwise).length === 0)
      ? ""
      : `Default: ${typeof otherwise === "string" ? otherwise : JSON.stringify(otherwise)}.`,
  ];
  return sentences.filter((sentence) => sentence !== "").join(" ");
}

function pascal(name: string): string {
  return `${name.charAt(0).toUpperCase()}${name.slice(1)}`;
}
