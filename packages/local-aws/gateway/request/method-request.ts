import type { PathParameters } from "../document/routes.js";

export interface HeaderField {
  /** As the sender wrote it: names keep their case and look-ups mind it (AWS fact 1.7). */
  readonly name: string;
  readonly value: string;
}

/** A request as it came in over HTTP. */
export interface ReceivedRequest {
  readonly method: string;
  /** Path as sent, still percent-encoded. */
  readonly path: string;
  /** What follows the question mark; empty without one. */
  readonly query: string;
  readonly headers: readonly HeaderField[];
  /** Absent when it was longer than API Gateway takes. */
  readonly body: Uint8Array | undefined;
  readonly sourceIp: string;
  /** `HTTP/1.1` */
  readonly protocol: string;
  /** Milliseconds since 1970. */
  readonly receivedAt: number;
}

/** A request as the API's methods, mappings and templates see it. */
export interface MethodRequest {
  readonly headers: Values;
  readonly query: Values;
  readonly path: PathParameters;
  readonly body: Uint8Array;
  /** Values of the headers that choose templates; these are found in any case. */
  readonly contentType: string | undefined;
  readonly accept: string | undefined;
}

/** Values by name, in the order of their first appearance. */
export type Values = ReadonlyMap<string, readonly string[]>;

/** The single-value map: the last of several values (AWS fact 1.8). */
export function lastValues(values: Values): Map<string, string> {
  return new Map([...values].map(([name, all]) => [name, all.at(-1) ?? ""]));
}

export function methodRequest(
  request: ReceivedRequest,
  path: PathParameters,
  traceId: string,
): MethodRequest {
  const { headers } = request;
  return {
    headers: grouped(visibleHeaders(headers, request.sourceIp, traceId)),
    query: grouped([...new URLSearchParams(request.query)].map(([name, value]) => ({ name, value }))),
    path,
    body: request.body ?? new Uint8Array(),
    contentType: headerValue(headers, "content-type"),
    accept: headerValue(headers, "accept"),
  };
}

/** A header's last value, its name in any case. */
export function headerValue(headers: readonly HeaderField[], lowerCaseName: string): string | undefined {
  return headers.findLast(({ name }) => name.toLowerCase() === lowerCaseName)?.value;
}

/** Gone before a mapping or a template could see them (AWS fact 1.8a). */
const neverVisible = new Set([
  "connection",
  "content-length",
  "content-md5",
  "expect",
  "max-forwards",
  "proxy-authenticate",
  "server",
  "te",
  "transfer-encoding",
  "trailer",
  "upgrade",
  "www-authenticate",
]);

function visibleHeaders(headers: readonly HeaderField[], sourceIp: string, traceId: string): HeaderField[] {
  const forwardedFor = headers
    .filter(({ name }) => name.toLowerCase() === "x-forwarded-for")
    .map(({ value }) => value);
  // The gateway's own (AWS fact 1.8f). A sender's X-Forwarded-For stays in front, so its first entry proves nothing. On AWS
  // every request comes over TLS, for which the loopback stands here.
  const added: HeaderField[] = [
    { name: "X-Amzn-Trace-Id", value: traceId },
    { name: "X-Forwarded-For", value: [...forwardedFor, sourceIp].join(", ") },
    { name: "X-Forwarded-Port", value: "443" },
    { name: "X-Forwarded-Proto", value: "https" },
  ];
  const replaced = new Set(added.map(({ name }) => name.toLowerCase()));
  const kept = headers.filter(({ name, value }) => {
    const lowerCase = name.toLowerCase();
    return !neverVisible.has(lowerCase) && !replaced.has(lowerCase) && !isAwsSignature(lowerCase, value);
  });
  return [...kept, ...added];
}

/** API Gateway keeps a signature of AWS's own to itself (AWS fact 1.8b). */
function isAwsSignature(lowerCaseName: string, value: string): boolean {
  return lowerCaseName === "authorization" && value.startsWith("AWS4-");
}

function grouped(fields: readonly HeaderField[]): Values {
  const values = new Map<string, string[]>();
  for (const { name, value } of fields) values.set(name, [...(values.get(name) ?? []), value]);
  return values;
}
