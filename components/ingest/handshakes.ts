import type { BodyMode } from "../../settings/ingest-source.js";
import { parseBody, setFromJson } from "./json-body.js";

/**
 * A line of the request template that keeps Slack's challenge for the answer, in a place that both templates see: an
 * override of a path parameter that the integration does not have.
 */
export function slackChallengeRequest(bodyMode: BodyMode): string[] {
  return [
    parseBody(bodyMode),
    `${setFromJson("$type", "type")}${setFromJson("$challenge", "challenge")}`,
    '#if($type == "url_verification")#set($context.requestOverride.path.challenge = $challenge)#end',
  ];
}

/** The answer to an accepted webhook of Slack's: the challenge, if it was one. */
export function slackChallengeResponse(otherwise: string): string {
  return [
    '#set($challenge = "$!context.requestOverride.path.challenge")',
    '#if($challenge != "")',
    // JSON knows no escaped apostrophe, which is taken back as AWS advises:
    // docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    `{"challenge":"$util.escapeJavaScript($challenge).replaceAll("\\\\'", "'")"}`,
    `#else${otherwise}#end`,
  ].join("");
}

/**
 * The GET method that answers Meta's question: `hub.challenge`, as plain text, to who knows the token; 403 to others.
 * API Gateway answers it by itself (a MOCK integration), nothing is queued.
 */
export function metaChallenge(source: string, verifyToken: string): object {
  const plainText = "text/plain";
  return {
    operationId: `verify-${source}`,
    summary: `Answers the challenge of ${source}`,
    responses: {
      200: { description: "The challenge", headers: { "Content-Type": { schema: { type: "string" } } } },
      403: { description: "Not the token of this stage" },
    },
    "x-amazon-apigateway-integration": {
      type: "mock",
      requestTemplates: {
        "application/json": [
          "#set($token = \"$!input.params().querystring.get('hub.verify_token')\")",
          "#set($mode = \"$!input.params().querystring.get('hub.mode')\")",
          `#if($mode == "subscribe" && $token == "${verifyToken}"){"statusCode":200}#else{"statusCode":403}#end`,
        ].join(""),
      },
      passthroughBehavior: "never",
      contentHandling: "CONVERT_TO_TEXT",
      responses: {
        "200": {
          statusCode: "200",
          contentHandling: "CONVERT_TO_TEXT",
          // As text, so that no browser takes what a visitor wrote for a page.
          responseParameters: { "method.response.header.Content-Type": `'${plainText}'` },
          responseTemplates: { "application/json": "$!input.params().querystring.get('hub.challenge')" },
        },
        default: {
          statusCode: "403",
          contentHandling: "CONVERT_TO_TEXT",
          responseTemplates: {
            "application/json":
              '{"message":"Not the token of this stage.","id":"$context.extendedRequestId"}',
          },
        },
      },
    },
  };
}
