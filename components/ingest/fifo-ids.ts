import type { BodyMode, IdExpression, IngestSource } from "../../settings/ingest-source.js";
import { parseBody, setFromHeader, setFromJson } from "./request-values.js";

/**
 * Largest number of characters of either id:
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SendMessage.html
 */
const longestId = 128;

/**
 * Largest number of characters of the part that distinguishes bodies: a dot, up to 7 digits of length, a dot, up to 11
 * characters of hash.
 */
const longestBodyMark = 20;

/**
 * Lines that set `$group` and `$deduplication` for a FIFO queue. Both are base64, so they consist of characters that
 * SQS accepts. They are never longer than SQS accepts: a longer value is cut to its beginning, end, length and hash, so
 * two values collide only if they agree in all four. A webhook without the value is never dropped: it belongs to the
 * source's common group, and its deduplication id is the request's own id, which is unique.
 *
 * A webhook is a repetition only if its body is also the same, by length and hash. SQS drops repetitions before any
 * signature is checked, and reports success to their senders. With the value alone, anybody who guesses an event's id
 * could send a forged webhook first and have the genuine one dropped.
 *
 * @param name prefix of the group, which separates sources whose webhooks have the same value
 */
export function fifoIds({ name, orderBy, deduplicateBy }: IngestSource, bodyMode: BodyMode): string[] {
  const expressions = [orderBy ?? [], deduplicateBy ?? []].flat();
  const needsBody = expressions.some((expression) => expression.startsWith("json:"));
  return [
    ...(needsBody ? [parseBody(bodyMode)] : []),
    ...setValue("$group", orderBy),
    `${shortened("$group", longestId - name.length - 1)}#set($group = "${name}:$group")`,
    ...setDeduplication(deduplicateBy, bodyMode),
    `#if($deduplication == "")#set($deduplication = $context.extendedRequestId)#end`,
    shortened("$deduplication", longestId - longestBodyMark),
    "#set($bodyLength = $body.length())#set($bodyHash = $body.hashCode())",
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Velocity's braces end the names
    '#set($deduplication = "${deduplication}.${bodyLength}.${bodyHash}")',
  ];
}

/**
 * Sets `$deduplication` to the value of an expression, or of several: then it is the base64 of each, and nothing if one of
 * them is missing. A constant alone means that equal bodies are repetitions. An empty body never is one.
 */
function setDeduplication(deduplicateBy: IngestSource["deduplicateBy"], bodyMode: BodyMode): string[] {
  if (typeof deduplicateBy === "object") {
    return [
      '#set($deduplication = "")#set($complete = true)',
      ...deduplicateBy.flatMap((expression) => [
        ...setValue("$part", expression),
        '#if($part == "")#set($complete = false)#end',
        '#set($encoded = $util.base64Encode($part))#set($deduplication = "$deduplication$encoded:")',
      ]),
      '#if(!$complete)#set($deduplication = "")#end',
    ];
  }
  const isConstant = deduplicateBy?.startsWith("constant:") === true;
  return [
    ...setValue("$deduplication", deduplicateBy),
    ...(isConstant
      ? [`#if($body == "" || $body == "${emptyBodies[bodyMode]}")#set($deduplication = "")#end`]
      : []),
  ];
}

/** What `$body` is for an empty body, for which API Gateway writes `{}`. */
const emptyBodies: Readonly<Record<BodyMode, string>> = { bytes: "{}", text: "e30=" };

/** Sets a variable to the text that an expression finds, or to nothing. */
function setValue(variable: string, expression: IdExpression | undefined): string[] {
  const [, kind, value = ""] = /^(header|query|json|constant):(.*)$/.exec(expression ?? "") ?? [];
  const empty = `#set(${variable} = "")`;
  if (kind === "constant") return [`#set(${variable} = "${value}")`];
  if (kind === "json") return [setFromJson(variable, value)];
  if (kind === "query") {
    return [`#set($found = "")#set($found = $query.get("${value}"))#set(${variable} = "$!found")`];
  }
  if (kind === "header") return [`${empty}${setFromHeader(variable, value)}`];
  return [empty];
}

/** Turns a variable's text into base64 of at most `most` characters. */
function shortened(variable: string, most: number): string {
  // Between beginning and end: "-", up to 7 digits of length, "-", up to 11 characters of hash, "-".
  const kept = most - 21;
  const beginning = Math.ceil(kept / 2);
  const end = kept - beginning;
  return [
    `#set($encoded = $util.base64Encode(${variable}))`,
    `#if($encoded.length() > ${most})`,
    `#set($size = $encoded.length())#set($from = $size - ${end})#set($hash = $encoded.hashCode())`,
    `#set($beginning = $encoded.substring(0, ${beginning}))#set($end = $encoded.substring($from))`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Velocity's braces end the names
    '#set($encoded = "${beginning}-${size}-${hash}-${end}")',
    `#end#set(${variable} = $encoded)`,
  ].join("");
}
