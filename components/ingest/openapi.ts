import type { BodyMode, IngestSource } from "../../settings/ingest-source.js";
import { metaChallenge } from "./handshakes.js";
import { requestTemplate } from "./request-template.js";
import { resourcePolicy } from "./resource-policy.js";
import { gatewayResponses, integrationResponses, methodResponses } from "./responses.js";

/** What the front door's document is made of. */
export interface OpenApiArgs {
  readonly title: string;
  readonly stageName: string;
  /** Path before the source's name, without slashes at its ends: `webhooks`. */
  readonly pathPrefix: string;
  readonly sources: readonly IngestSource[];
  readonly bodyMode: BodyMode;
  readonly fifo: boolean;
  /** MIME types that are accepted; any other is answered 415. */
  readonly contentTypes: readonly string[];
  /** Where each source's webhooks go: `arn:aws:apigateway:<region>:sqs:path/<account>/<queue>`. */
  readonly integrationUris: Readonly<Record<string, string>>;
  /** Role that API Gateway calls SQS with. */
  readonly credentialsArn: string;
}

/**
 * Where bodies must arrive exactly, every type counts as binary. It is the only way in which the request template sees the
 * body's bytes (as base64); otherwise API Gateway decodes it as UTF-8, and every other byte is lost before any code of
 * ours could save it. docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
 */
export function binaryMediaTypes(bodyMode: BodyMode): string[] {
  return bodyMode === "bytes" ? ["*/*"] : [];
}

/** The REST API as one OpenAPI 3 document with API Gateway's extensions: a POST for each source, and its handshake. */
export function openApiDocument(args: OpenApiArgs): object {
  const { title, pathPrefix, sources } = args;
  const policy = resourcePolicy(sources, args);
  const withApiKeys = sources.some(({ apiKey }) => apiKey);
  const withSchemas = sources.some(({ edgeSchema }) => edgeSchema);
  return {
    openapi: "3.0.1",
    info: { title, version: "1" },
    paths: Object.fromEntries(
      sources.map((source) => [`/${pathPrefix}/${source.name}`, pathItem(source, args)]),
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

function pathItem(source: IngestSource, args: OpenApiArgs): object {
  const { handshake } = source;
  return {
    post: receive(source, args),
    ...(handshake?.kind === "meta" ? { get: metaChallenge(source.name, handshake.verifyToken) } : {}),
  };
}

function receive(source: IngestSource, args: OpenApiArgs): object {
  const { name, apiKey, edgeSchema } = source;
  const template = requestTemplate({ source, bodyMode: args.bodyMode, fifo: args.fifo });
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
      // Anything else hands a body of an unlisted type to SQS as the call itself, signed with our role.
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

/** A model's name takes letters and digits only; hexadecimal keeps any two sources' apart. */
function modelName(source: string): string {
  return `Webhook${Buffer.from(source).toString("hex")}`;
}
