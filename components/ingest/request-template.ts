import { envelopeVersion } from "../../runtime/envelope/envelope.js";
import type { BodyMode, IngestSource } from "../../settings/ingest-source.js";
import { fifoIds } from "./fifo-ids.js";
import { challengeRequest, postedHandshake } from "./handshake-methods.js";

/** How one source's requests become messages. */
export interface RequestTemplateArgs {
  readonly source: IngestSource;
  readonly bodyMode: BodyMode;
  /** Whether the queue is FIFO and therefore needs a group. */
  readonly fifo: boolean;
}

/**
 * The mapping template that turns a request into `Action=SendMessage&MessageBody=<envelope>`.
 * `runtime/envelope/envelope.ts` describes the envelope's format. Nothing that a sender writes can add a parameter or
 * change the metadata: the metadata's punctuation is percent-encoded here, every value from outside is base64 and then
 * percent-encoded, and the body, which is also base64, comes last, outside the metadata. `##` at the end of a line
 * removes the line break. The last line has no line break, because it would become part of the message.
 *
 * Only `$input.body` gives the exact bytes. `$input.json` and `$input.path` parse the body and write it anew (AWS fact
 * 1.4). docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function requestTemplate({ source, bodyMode, fifo }: RequestTemplateArgs): string {
  const { name } = source;
  const handshake = postedHandshake(source.handshake);
  return [
    "#set($headers = $input.params().header)",
    "#set($query = $input.params().querystring)",
    // If all types are binary, $input.body is already base64.
    `#set($body = ${bodyMode === "bytes" ? "$input.body" : "$util.base64Encode($input.body)"})`,
    tooLarge(name, bodyMode),
    ...(handshake === undefined ? [] : challengeRequest(handshake, bodyMode)),
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
 * With a group for each source, a standard queue prevents one source's backlog from delaying the others (fair queues):
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
 */
function groupOfSource(name: string): string {
  return `&MessageGroupId=${name}`;
}

/**
 * The largest message of SQS, in bytes:
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/quotas-messages.html
 */
const largestMessageBytes = 1_048_576;

/**
 * Answers 413 to a body that SQS is certain to refuse, because SQS itself would answer an ordinary 400. The call is
 * still made; only the answer changes. API Gateway documents such overrides for response templates only (AWS fact
 * 1.14). If it ignores this one, the answer is the failure's 5xx.
 */
function tooLarge(name: string, bodyMode: BodyMode): string {
  const least = `{"v":${envelopeVersion},"s":"${name}","b":"${bodyMode}","id":"","t":0,"ip":"","m":"","p":"","h":[],"q":[]}\n`;
  return `#if($body.length() > ${largestMessageBytes - least.length})#set($context.responseOverride.status = 413)#end`;
}

/** A text of ours, percent-encoded as a form value. */
function literal(text: string): string {
  return encodeURIComponent(text);
}

/** A value from outside, as percent-encoded base64. */
function base64(reference: string): string {
  return `$util.urlEncode($util.base64Encode(${reference}))`;
}

/**
 * The entries of a map as `["<name>","<value>"]`, both base64.
 *
 * The comma comes in front of each entry but the first. Velocity ends a loop after 1,000 turns, and its
 * `$foreach.hasNext` still tells of the entries that are left out (AWS fact 1.26). A comma behind each entry would then
 * end the list, and the metadata would not be JSON.
 */
function pairs(map: string): string {
  const pair = `${literal('["')}${base64("$name")}${literal('","')}${base64(`${map}.get($name)`)}${literal('"]')}`;
  return `#foreach($name in ${map}.keySet())#if($foreach.index > 0)${literal(",")}#end${pair}#end`;
}
