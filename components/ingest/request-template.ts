import { envelopeVersion } from "../../runtime/envelope.js";

/** What one source's request becomes on the queue. */
export interface RequestTemplateArgs {
  /** Name of the source: `[a-z0-9-]`, so it needs no encoding. */
  readonly source: string;
}

/**
 * The mapping template that turns a request into `Action=SendMessage&MessageBody=<envelope>`; `runtime/envelope.ts` states
 * the envelope's format. Nothing a sender writes can add a parameter or change the metadata: its punctuation is
 * percent-encoded here, every value from outside is base64 first and percent-encoded after, and the body, which under
 * binary media types is base64 already, stands last, outside the metadata. `##` at a line's end swallows the line break;
 * the last line has none, because it would become part of the message.
 *
 * `$input.body` is the only way to the exact bytes; `$input.json` and `$input.path` parse and write them anew.
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-mapping-template-reference.html
 */
export function requestTemplate({ source }: RequestTemplateArgs): string {
  const metadata = [
    literal(`{"v":${envelopeVersion},"s":"${source}","b":"bytes"`),
    `${literal(',"id":"')}${base64("$context.extendedRequestId")}${literal('"')}`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Velocity's braces end the name before the next letter
    `${literal(',"t":')}${"${context.requestTimeEpoch}"}`,
    `${literal(',"ip":"')}${base64("$context.identity.sourceIp")}${literal('"')}`,
    `${literal(',"m":"')}${base64("$context.httpMethod")}${literal('"')}`,
    `${literal(',"p":"')}${base64("$context.path")}${literal('"')}`,
    `${literal(',"h":[')}${pairs("$headers")}${literal("]")}`,
    `${literal(',"q":[')}${pairs("$query")}${literal("]")}`,
  ];
  return [
    "#set($headers = $input.params().header)",
    "#set($query = $input.params().querystring)",
    // A group of its own for each source lets SQS keep one source's backlog from holding up the others (fair queues):
    // docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-fair-queues.html
    `Action=SendMessage&Version=2012-11-05&MessageGroupId=${source}&MessageBody=`,
    ...metadata,
    `${literal("}\n")}$util.urlEncode($input.body)`,
  ].join("##\n");
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
