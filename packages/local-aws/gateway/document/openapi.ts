import { z } from "zod";
import { UserError } from "../../program/user-error.js";

/**
 * The part of OpenAPI 3 and of API Gateway's extensions to it that the local gateway executes. What is not here is
 * refused by name, never passed over: docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-swagger-extensions.html
 */
export type OpenApiDocument = z.output<typeof openApiDocument>;
export type Operation = z.output<typeof operation>;
export type IntegrationDefinition = z.output<typeof integration>;
export type IntegrationResponseDefinition = z.output<typeof integrationResponse>;
export type GatewayResponseDefinition = z.output<typeof gatewayResponse>;
export type RequestValidator = z.output<typeof requestValidator>;
/** A JSON schema, draft 4. */
export type JsonSchema = Readonly<Record<string, unknown>>;

export const httpMethods = ["get", "put", "post", "delete", "options", "head", "patch"] as const;
export const anyMethod = "x-amazon-apigateway-any-method";

const extensionPrefix = "x-amazon-apigateway-";
const texts = z.record(z.string(), z.string());
const statusCode = z.union([z.string().regex(/^[1-5]\d\d$/), z.int().min(100).max(599)]).transform(Number);

/** An enum whose values AWS writes in capitals and its examples in small letters. */
function anyCase<const T extends string>(values: readonly [T, ...T[]]) {
  return z
    .string()
    .transform((value) => value.toUpperCase())
    .pipe(z.enum(values));
}

/** An object of OpenAPI: its own words are free, an extension of API Gateway's must be one that is known here. */
function openApiObject<T extends z.core.$ZodLooseShape>(shape: T) {
  return z.looseObject(shape).superRefine((value, { addIssue }) => {
    for (const key of Object.keys(value)) {
      if (key.startsWith(extensionPrefix) && !(key in shape))
        addIssue({ code: "custom", path: [key], message: "is not supported by the local gateway" });
      if (key === "$ref" && !(key in shape))
        addIssue({ code: "custom", path: [key], message: "is only supported in schemas; write it out here" });
    }
  });
}

const integrationResponse = z.strictObject({
  statusCode,
  responseParameters: texts.default({}),
  responseTemplates: texts.default({}),
  contentHandling: anyCase(["CONVERT_TO_TEXT", "CONVERT_TO_BINARY"]).optional(),
});

const integration = z.strictObject({
  type: anyCase(["AWS", "MOCK"]),
  uri: z.string().optional(),
  httpMethod: z.string().optional(),
  credentials: z.string().optional(),
  requestParameters: texts.default({}),
  requestTemplates: texts.default({}),
  // The default is AWS's, dangerous as it is: an unmapped body reaches the backend raw (AWS fact 1.17).
  passthroughBehavior: anyCase(["NEVER", "WHEN_NO_MATCH", "WHEN_NO_TEMPLATES"]).default("WHEN_NO_MATCH"),
  contentHandling: anyCase(["CONVERT_TO_TEXT", "CONVERT_TO_BINARY"]).optional(),
  // 50 ms to 29 s; regional APIs may have more granted (AWS fact 1.26).
  timeoutInMillis: z.int().min(50).max(300_000).default(29_000),
  connectionType: z.literal("INTERNET").optional(),
  responses: z.record(z.string(), integrationResponse).default({}),
});

const parameter = openApiObject({
  name: z.string(),
  in: z.enum(["header", "query", "path", "cookie"]),
  required: z.boolean().default(false),
});

const schema = z.record(z.string(), z.unknown());

const methodResponse = openApiObject({ headers: z.record(z.string(), z.unknown()).default({}) });

const operation = openApiObject({
  parameters: z.array(parameter).default([]),
  requestBody: openApiObject({
    content: z.record(z.string(), openApiObject({ schema: schema.optional() })),
  }).optional(),
  responses: z.record(z.string(), methodResponse).default({}),
  security: z.array(z.record(z.string(), z.array(z.string()))).optional(),
  "x-amazon-apigateway-integration": integration,
  "x-amazon-apigateway-request-validator": z.string().optional(),
  "x-amazon-apigateway-auth": z.strictObject({ type: z.literal("NONE") }).optional(),
});

const pathItem = openApiObject({
  ...Object.fromEntries(httpMethods.map((method) => [method, operation.optional()])),
  [anyMethod]: operation.optional(),
  parameters: z.array(parameter).default([]),
} as Record<(typeof httpMethods)[number] | typeof anyMethod, z.ZodOptional<typeof operation>> & {
  parameters: z.ZodDefault<z.ZodArray<typeof parameter>>;
});

const requestValidator = z.strictObject({
  validateRequestParameters: z.boolean().default(false),
  validateRequestBody: z.boolean().default(false),
});

const gatewayResponse = z.strictObject({
  statusCode: statusCode.optional(),
  responseParameters: texts.default({}),
  responseTemplates: texts.default({}),
});

const apiKeyScheme = openApiObject({
  type: z.literal("apiKey"),
  name: z.string().refine((name) => name.toLowerCase() === "x-api-key", "must be x-api-key"),
  in: z.literal("header"),
});

const openApiDocument = openApiObject({
  openapi: z.string().startsWith("3.", "must be an OpenAPI 3 document"),
  info: openApiObject({ title: z.string() }),
  paths: z.record(z.string().startsWith("/"), pathItem),
  security: z.array(z.record(z.string(), z.array(z.string()))).default([]),
  components: openApiObject({
    schemas: z.record(z.string(), schema).default({}),
    securitySchemes: z.record(z.string(), apiKeyScheme).default({}),
  }).default({ schemas: {}, securitySchemes: {} }),
  "x-amazon-apigateway-binary-media-types": z.array(z.string()).default([]),
  "x-amazon-apigateway-minimum-compression-size": z.number().optional(),
  "x-amazon-apigateway-policy": z.unknown().optional(),
  "x-amazon-apigateway-request-validators": z.record(z.string(), requestValidator).default({}),
  "x-amazon-apigateway-request-validator": z.string().optional(),
  "x-amazon-apigateway-gateway-responses": z.record(z.string(), gatewayResponse).default({}),
  "x-amazon-apigateway-api-key-source": z.literal("HEADER").optional(),
  // Where the API is published and how it is documented has no part in what it answers.
  "x-amazon-apigateway-endpoint-configuration": z.unknown().optional(),
  "x-amazon-apigateway-documentation": z.unknown().optional(),
  "x-amazon-apigateway-importexport-version": z.unknown().optional(),
});

/**
 * Reads the document in a RestApi's `body`.
 *
 * @throws UserError that lists everything the local gateway cannot execute, by its place in the document
 */
export function readOpenApi(body: unknown, api: string): OpenApiDocument {
  let document: unknown;
  try {
    document = JSON.parse(String(body));
  } catch (error) {
    throw new UserError(
      `${api}: body is not an OpenAPI document in JSON (${(error as Error).message}); the local gateway reads the API from there`,
    );
  }
  const result = openApiDocument.safeParse(document);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(" → ")}: ${message}`);
  throw new UserError(`${api}: the OpenAPI document cannot be executed locally:\n  ${problems.join("\n  ")}`);
}
