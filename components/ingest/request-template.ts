import { envelopeVersion } from "../../runtime/envelope/envelope.js";
import type { BodyMode, IngestSource } from "../../settings/ingest-source.js";
import { fifoIds } from "./fifo-ids.js";
import { slackChallengeRequest } from "./handshakes.js";

/** What one source's requests become on the queue. */
export interface RequestTemplateArgs {
  readonly source: IngestSource;
  readonly bodyMode: BodyMode;
  /** Whether the queue keeps an order, and so needs to be told whose. */
  readonly fifo: boolean;
}

/**
 * The mapping template that turns a request into `Action=SendMessage&MessageBody=<envelope>`; `runtime/envelope/envelope.ts` states
 * the envelope's format. Nothing a sender writes can add a parameter or change the metadata: its punctuation is
 * percent-encoded here, every value from outside is base64 first and percent-encoded after, and the body, which is base64
 * as well, stands last, outside the metadata. `##` at a line's end swallows the line break; the last line has none,
 * because it would become part of the message.
 *
 * `$input.body` is the only way to the exact bytes; `$input.json` and `$input.path` parse and write them anew.
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function requestTemplate({ source, bodyMode, fifo }: RequestTemplateArgs): string {
  const { name } = source;
  return [
    "#set($headers = $input.params().header)",
    "#set($query = $input.params().querystring)",
    // Where all types are binary, $input.body is base64 already.
    `#set($body = ${bodyMode === "bytes" ? "$input.body" : "$util.base64Encode($input.body)"})`,
    tooLarge(name, bodyMode),
    ...(source.handshake?.kind === "slack" ? slackChallengeRequest(bodyMode) : []),
    ...(fifo ? fifoIds(source, bodyMode) : []),
    `Action=SendMessage&Version=2012-11-05${fifo ? fifoParameters : groupOfSource(name)}&MessageBody=`,
    literal(`{"v":${envelopeVersion},"s":"${name}","b":"${bodyMode}"`),
    `${literal(',"id":"')}${base64("$context.extendedRequestId")}${literal('"')}`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Velocity's braces end the name before the next letter
    `${literal(',"t":')}${"${context.requestTimeEpoch}"}`,
    `${literal(',"ip":"')}${base64("$context.identity.sourceIp")}${literal('"')}`,
    `${literal(',"m":"')}${base64("$context.httpMethod")}${literal('"')}`,
    `${literal(',"p":"')}${base64("$context.path")}${literal('"')}`,
    `${literal(',"h":[')}${pairs("$headers")}${literal("]")}`,
    `${literal(',"q":[')}${pairs("$query")}${literal("]")}`,
    `${literal("}\n")}$util.urlEncode($body)`,
  ].join("##\n");
}

const fifoParameters =
  "&MessageGroupId=$util.urlEncode($group)&MessageDeduplicationId=$util.urlEncode($deduplication)";

/**
 * A group of its own for each source lets a standard queue keep one source's backlog from holding up the others (fair
 * queues): docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
function groupOfSource(name: string): string {
  return `&MessageGroupId=${name}`;
}

/** SQS's largest message: docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html */
const largestMessageBytes = 1_048_576;

/**
 * Has a body answered with 413 that SQS is certain to refuse, whose own refusal is a 400 like any other. The call is made
 * all the same; only its answer changes. Should API Gateway ignore an override that a request template makes (it documents
 * them for response templates), the answer is the failure's 5xx.
 */
function tooLarge(name: string, bodyMode: BodyMode): string {
  const least = `{"v":${envelopeVersion},"s":"${name}","b":"${bodyMode}","id":"","t":0,"ip":"","m":"","p":"","h":[],"q":[]}\n`;
  return `#if($body.length() > ${largestMessageBytes - least.length})#set($context.responseOverride.status = 413)#end`;
}

/** Text of ours, percent-encoded as a form value. */
function literal(text: string): string {
  return encodeURIComponent(text);
}

/** A value from outside: its base64, percent-encoded. */
function base64(reference: string): string {
  return `$util.urlEncode($util.base64Encode(${reference}))`;
}

/** The entries of a map as `["<name>","<value>"]`, both base64. */
function pairs(map: string): string {
  const pair = `${literal('["')}${base64("$name")}${literal('","')}${base64(`${map}.get($name)`)}${literal('"]')}`;
  return `#foreach($name in ${map}.keySet())${pair}#if($foreach.hasNext)${literal(",")}#end#end`;
}
