import { requestTemplate } from "./request-template.js";
import { gatewayResponses, integrationResponses, methodResponses } from "./responses.js";

/** What the front door's document is made of. */
export interface OpenApiArgs {
  readonly title: string;
  /** Path before the source's name, without slashes at its ends: `webhooks`. */
  readonly pathPrefix: string;
  readonly sources: readonly { readonly name: string }[];
  /** MIME types that are accepted; any other is answered 415. */
  readonly contentTypes: readonly string[];
  /** `arn:aws:apigateway:<region>:sqs:path/<account>/<queue>` */
  readonly integrationUri: string;
  /** Role that API Gateway calls SQS with. */
  readonly credentialsArn: string;
}

/**
 * Every type counts as binary. It is the only way in which the request template sees the body's exact bytes (as base64);
 * otherwise API Gateway decodes it as UTF-8, and every other byte is lost before any code of ours could save it.
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-payload-encodings.html
 */
export const binaryMediaTypes = ["*/*"];

/** The REST API as one OpenAPI 3 document with API Gateway's extensions: a POST for each source, and nothing else. */
export function openApiDocument(args: OpenApiArgs): object {
  const { title, pathPrefix, sources } = args;
  return {
    openapi: "3.0.1",
    info: { title, version: "1" },
    paths: Object.fromEntries(
      sources.map(({ name }) => [`/${pathPrefix}/${name}`, { post: receive(name, args) }]),
    ),
    "x-amazon-apigateway-binary-media-types": binaryMediaTypes,
    "x-amazon-apigateway-gateway-responses": gatewayResponses(),
  };
}

function receive(source: string, { contentTypes, integrationUri, credentialsArn }: OpenApiArgs): object {
  const template = requestTemplate({ source });
  return {
    operationId: `receive-${source}`,
    summary: `Takes a webhook from ${source}`,
    responses: methodResponses(),
    "x-amazon-apigateway-integration": {
      type: "aws",
      httpMethod: "POST",
      uri: integrationUri,
      credentials: credentialsArn,
      requestParameters: {
        "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'",
      },
      requestTemplates: Object.fromEntries(contentTypes.map((type) => [type, template])),
      // Anything else hands a body of an unlisted type to SQS as the call itself, signed with our role.
      passthroughBehavior: "never",
      contentHandling: "CONVERT_TO_TEXT",
      timeoutInMillis: 29_000,
      responses: integrationResponses(),
    },
  };
}
