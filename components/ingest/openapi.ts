import { type BodyMode, type IngestSource, keyOf, pathsOf } from "../../settings/ingest-source.js";
import { handshakeMethods } from "./handshake-methods.js";
import { requestTemplate } from "./request-template.js";
import { resourcePolicy } from "./resource-policy.js";
import { gatewayResponses, integrationResponses, methodResponses } from "./responses.js";

/** What the API's document is built from. */
export interface OpenApiArgs {
  readonly title: string;
  /** The API's stages. Each answers all paths. */
  readonly stageNames: readonly string[];
  /** Paths before the source's name, without a slash at either end: `webhooks`. The current one comes first. */
  readonly pathPrefixes: readonly string[];
  readonly sources: readonly IngestSource[];
  readonly bodyMode: BodyMode;
  readonly fifo: boolean;
  /** MIME types that are accepted. Any other gets 415. */
  readonly contentTypes: readonly string[];
  /** Where each source's webhooks go: `arn:aws:apigateway:<region>:sqs:path/<account>/<queue>`. */
  readonly integrationUris: Readonly<Record<string, string>>;
  /** Role with which API Gateway calls SQS. */
  readonly credentialsArn: string;
}

/**
 * Every type counts as binary if bodies must arrive exactly. This is the only way in which the request template sees
 * the body's bytes (as base64). Otherwise API Gateway decodes the body as UTF-8, and every invalid byte is lost before
 * our code sees it (AWS fact 1.20).
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
 */
export function binaryMediaTypes(bodyMode: BodyMode): string[] {
  return bodyMode === "bytes" ? ["*/*"] : [];
}

/** The REST API as one OpenAPI 3 document with API Gateway's extensions: a POST for each source, and its handshake. */
export function openApiDocument(args: OpenApiArgs): object {
  const { title, pathPrefixes, sources } = args;
  const policy = resourcePolicy(sources, args);
  const withApiKeys = sources.some(({ apiKey }) => apiKey);
  const withSchemas = sources.some(({ edgeSchema }) => edgeSchema);
  return {
    openapi: "3.0.1",
    info: { title, version: "1" },
    paths: Object.fromEntries(
      sources.flatMap((source) =>
        pathsOf(source, pathPrefixes).map((path, index) => [
          path,
          index === 0 ? pathItem(source, args) : withoutIds(pathItem(source, args)),
        ]),
      ),
    ),
    components: {
      ...(withApiKeys
        ? { securitySchemes: { apiKey: { type: "apiKey", name: "x-api-key", in: "header" } } }
        : {}),
      ...(withSchemas ? { schemas: edgeSchemas(sources) } : {}),
    },
    "x-amazon-apigateway-binary-media-types": binaryMediaTypes(args.bodyMode),
    "x-amazon-apigateway-gateway-responses": gatewayResponses(),
    ...(policy === undefined ? {} : { "x-amazon-apigateway-policy": policy }),
    ...(withSchemas
      ? {
          "x-amazon-apigateway-request-validators": {
            body: { validateRequestBody: true, validateRequestParameters: false },
          },
        }
      : {}),
  };
}

/** An operation's id stands once in a document, and a former path has the operations of the present one. */
function withoutIds(operations: PathItem): PathItem {
  return Object.fromEntries(
    Object.entries(operations).map(([method, { operationId: _, ...operation }]) => [method, operation]),
  );
}

type PathItem = { readonly [method: string]: { readonly operationId?: string } };

function pathItem(source: IngestSource, args: OpenApiArgs): PathItem {
  return { post: receive(source, args), ...handshakeMethods(source.name, source.handshake) };
}

function receive(source: IngestSource, args: OpenApiArgs): object {
  const { name, apiKey, edgeSchema } = source;
  const template = requestTemplate({
    source: { ...source, name: keyOf(source) },
    bodyMode: args.bodyMode,
    fifo: args.fifo,
  });
  const contentTypes = edgeSchema === undefined ? args.contentTypes : ["application/json"];
  return {
    operationId: `receive-${name}`,
    summary: `Takes a webhook from ${name}`,
    ...(apiKey ? { security: [{ apiKey: [] }] } : {}),
    ...(edgeSchema === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: { "application/json": { schema: { $ref: `#/components/schemas/${modelName(name)}` } } },
          },
          "x-amazon-apigateway-request-validator": "body",
        }),
    responses: methodResponses(),
    "x-amazon-apigateway-integration": {
      type: "aws",
      httpMethod: "POST",
      uri: args.integrationUris[name],
      credentials: args.credentialsArn,
      requestParameters: {
        "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'",
      },
      requestTemplates: Object.fromEntries(contentTypes.map((type) => [type, template])),
      // With any other value, the body of an unlisted type becomes the call to SQS itself, signed with our role (AWS
      // AWS fact 1.17).
      passthroughBehavior: "never",
      ...(args.bodyMode === "bytes" ? { contentHandling: "CONVERT_TO_TEXT" } : {}),
      timeoutInMillis: 29_000,
      responses: integrationResponses(source),
    },
  };
}

function edgeSchemas(sources: readonly IngestSource[]): Record<string, object> {
  return Object.fromEntries(
    sources.flatMap(({ name, edgeSchema }) =>
      edgeSchema === undefined ? [] : [[modelName(name), edgeSchema]],
    ),
  );
}

/** A model's name consists of letters and digits. Hexadecimal keeps the names of any two sources different. */
function modelName(source: string): string {
  return `Webhook${Buffer.from(source).toString("hex")}`;
}
