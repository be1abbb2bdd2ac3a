import type { BodyMode } from "../../settings/ingest-source.js";
import { parseBody, setFromJson } from "./json-body.js";

/**
 * A line of the request template that keeps Slack's challenge for the answer. It uses a place that both templates can
 * read: an override of a path parameter that the integration does not have.
 */
export function slackChallengeRequest(bodyMode: BodyMode): string[] {
  return [
    parseBody(bodyMode),
    `${setFromJson("$type", "type")}${setFromJson("$challenge", "challenge")}`,
    '#if($type == "url_verification")#set($context.requestOverride.path.challenge = $challenge)#end',
  ];
}

/** The answer to an accepted webhook from Slack: the challenge if it had one, else the usual answer. */
export function slackChallengeResponse(otherwise: string): string {
  return [
    '#set($challenge = "$!context.requestOverride.path.challenge")',
    '#if($challenge != "")',
    // JSON has no escaped apostrophe, so the escape is removed as AWS advises:
    // docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
    `{"challenge":"$util.escapeJavaScript($challenge).replaceAll("\\\\'", "'")"}`,
    `#else${otherwise}#end`,
  ].join("");
}

/**
 * The GET method that answers Meta's handshake: `hub.challenge` as plain text if the token is right, else 403. API
 * Gateway itself answers it (a MOCK integration), and nothing is queued.
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
          // As plain text, so that no browser renders what a visitor wrote as a page.
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
