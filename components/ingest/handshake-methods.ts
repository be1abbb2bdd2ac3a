import type { EchoDefinition } from "../../runtime/stage/handshake.js";
import { type EchoHandshake, type Handshake, resolveHandshake } from "../../settings/handshake.js";
import type { BodyMode } from "../../settings/ingest-source.js";
import { parseBody, setFrom } from "./request-values.js";

/** Whether an answer to a handshake depends on a token, which the API's document then contains. */
export function hasToken(handshake: Handshake | undefined): boolean {
  const resolved = handshake && resolveHandshake(handshake);
  return resolved?.kind === "echo" && resolved.tokenValue !== undefined;
}

/** The handshake of a source that its POST method has to answer, beside taking events. */
export function postedHandshake(handshake: Handshake | undefined): EchoHandshake | undefined {
  const resolved = handshake && resolveHandshake(handshake);
  return resolved?.kind === "echo" && resolved.method === "POST" ? resolved : undefined;
}

/**
 * Lines of the request template that keep a challenge for the answer. They use a place that both templates can read: an
 * override of a path parameter that the integration does not have.
 */
export function challengeRequest(handshake: EchoHandshake, bodyMode: BodyMode): string[] {
  const places = [handshake.challenge, handshake.token ?? "", ...Object.keys(handshake.requires ?? {})];
  return [
    ...(places.some((place) => place.startsWith("json:")) ? [parseBody(bodyMode)] : []),
    `${setFrom("$challenge", handshake.challenge)}${conditionValues(handshake)}`,
    `#if(${condition(handshake)})#set($context.requestOverride.path.challenge = $challenge)#end`,
  ];
}

/** The answer to an accepted POST: the challenge if it had one, else the usual answer. */
export function challengeResponse({ answer }: EchoDefinition, otherwise: string): string {
  const header = (name: string, value: string) => `#set($context.responseOverride.header.${name} = ${value})`;
  const echoed = answer.startsWith("header:")
    ? `${header(answer.slice("header:".length), "$challenge")}${otherwise}`
    : answer === "text"
      ? `${header("Content-Type", '"text/plain"')}${text}`
      : jsonAnswer(answer);
  return [
    '#set($challenge = "$!context.requestOverride.path.challenge")',
    `#if($challenge != "")${header("X-Content-Type-Options", '"nosniff"')}${echoed}`,
    `#else${otherwise}#end`,
  ].join("");
}

/**
 * The methods by which API Gateway itself answers a handshake (MOCK integrations). Nothing is queued.
 *
 * @returns by method in lower case, for a path of the OpenAPI document
 */
export function handshakeMethods(
  source: string,
  handshake: Handshake | undefined,
): Readonly<Record<string, object>> {
  const resolved = handshake && resolveHandshake(handshake);
  if (resolved?.kind === "reachable") {
    return { get: reachable(`verify-${source}`), head: reachable(`verify-head-${source}`) };
  }
  return resolved?.kind === "echo" && resolved.method === "GET" ? { get: echo(source, resolved) } : {};
}

function reachable(operationId: string): object {
  return {
    operationId,
    summary: "Tells that the URL exists",
    responses: { 200: { description: "It exists" } },
    "x-amazon-apigateway-integration": {
      type: "mock",
      requestTemplates: { "application/json": '{"statusCode":200}' },
      passthroughBehavior: "never",
      contentHandling: "CONVERT_TO_TEXT",
      responses: {
        default: {
          statusCode: "200",
          contentHandling: "CONVERT_TO_TEXT",
          responseTemplates: { "application/json": "{}" },
        },
      },
    },
  };
}

function echo(source: string, handshake: EchoHandshake): object {
  const type = handshake.answer === "text" ? "text/plain" : "application/json";
  const headers = "#set($headers = $input.params().header)";
  const challenge = `${headers}${setFrom("$challenge", handshake.challenge)}`;
  return {
    operationId: `verify-${source}`,
    summary: `Answers the challenge of ${source}`,
    responses: {
      200: {
        description: "The challenge",
        headers: Object.fromEntries(
          ["Content-Type", "X-Content-Type-Options"].map((name) => [name, { schema: { type: "string" } }]),
        ),
      },
      403: { description: "Not the token of this stage" },
    },
    "x-amazon-apigateway-integration": {
      type: "mock",
      requestTemplates: {
        "application/json": `${headers}${conditionValues(handshake)}#if(${condition(handshake)}){"statusCode":200}#else{"statusCode":403}#end`,
      },
      passthroughBehavior: "never",
      contentHandling: "CONVERT_TO_TEXT",
      responses: {
        "200": {
          statusCode: "200",
          contentHandling: "CONVERT_TO_TEXT",
          // So that no browser renders what a visitor wrote as a page.
          responseParameters: {
            "method.response.header.Content-Type": `'${type}'`,
            "method.response.header.X-Content-Type-Options": "'nosniff'",
          },
          responseTemplates: {
            "application/json": `${challenge}${handshake.answer === "text" ? text : jsonAnswer(handshake.answer)}`,
          },
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

/** The values that must be there, and what each must be. The settings allow only texts that are safe in a template. */
function required({ requires = {}, token, tokenValue }: EchoHandshake): [place: string, value: string][] {
  return [
    ...Object.entries(requires),
    ...(token === undefined || tokenValue === undefined
      ? []
      : [[token, tokenValue] satisfies [string, string]]),
  ];
}

function conditionValues(handshake: EchoHandshake): string {
  return required(handshake)
    .map(([place], index) => setFrom(`$required${index}`, place))
    .join("");
}

function condition(handshake: EchoHandshake): string {
  const equalities = required(handshake).map(([, value], index) => `$required${index} == "${value}"`);
  return equalities.length === 0 ? "true" : equalities.join(" && ");
}

/** The braces end the name, whatever follows. */
const text = "$!{challenge}";

function jsonAnswer(answer: string): string {
  // JSON has no escaped apostrophe, so the escape is removed as AWS advises:
  // docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
  return `{"${answer.slice("json:".length)}":"$util.escapeJavaScript($challenge).replaceAll("\\\\'", "'")"}`;
}
