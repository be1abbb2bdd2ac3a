import { randomUUID } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AccessKeys, Principal } from "../iam/principal.js";
import { listenOnLoopback } from "../loopback.js";
import type { Cloud } from "./cloud.js";
import { callLambda } from "./lambda-rest.js";
import { answerJson, answerQuery, type WireError } from "./protocols.js";
import { callS3 } from "./s3/s3-rest.js";
import type { ServiceResponse } from "./service-call.js";
import { ServiceError } from "./service-error.js";
import { callSqsQuery } from "./sqs/sqs-query.js";

/** Largest request that any emulated service takes, with room to spare (DynamoDB: 16 MB). */
const maximumRequestBytes = 17 * 1024 * 1024;

/** The one address at which the SDKs of this machine find every AWS service. */
export interface AwsEndpoint {
  /** `http://127.0.0.1:<port>`, for `AWS_ENDPOINT_URL` and for queue URLs. */
  readonly origin: string;
  /** Calls are refused with 503 until a cloud is behind the endpoint. */
  open(cloud: Cloud): void;
  close(): Promise<void>;
}

/**
 * How long an idle connection is kept. Node's 5 seconds are less than many functions rest between two batches, and a busy machine that
 * has to open all their connections anew answers none in time.
 */
const idleMilliseconds = 60_000;

/**
 * Listens on a free port of 127.0.0.1. The address is known before the cloud is, because queue URLs contain it.
 *
 * @param onRepeatedCall told the service of each call that an SDK repeats, because no answer came or one that it tries again after
 */
export async function startAwsEndpoint(
  keys: AccessKeys,
  onRepeatedCall: (service: string) => void = () => {},
): Promise<AwsEndpoint> {
  let cloud: Cloud | undefined;
  const server = createServer((request, response) => {
    answer(request, abortedWith(response), { keys, cloud, onRepeatedCall })
      .catch((error: unknown) => {
        console.error("local AWS:", error);
        return plainText(500, "InternalFailure: see the console of the process that runs local AWS");
      })
      .then((result) => write(response, result))
      .catch((error: unknown) => {
        // An answer that cannot be sent, such as one with a header that HTTP does not allow.
        console.error("local AWS:", error);
        response.destroy();
      });
  });
  server.keepAliveTimeout = idleMilliseconds;
  const { origin, close } = await listenOnLoopback(server);
  return {
    origin,
    open(opened) {
      cloud = opened;
    },
    close,
  };
}

async function answer(
  request: IncomingMessage,
  signal: AbortSignal,
  {
    keys,
    cloud,
    onRepeatedCall,
  }: {
    readonly keys: AccessKeys;
    readonly cloud: Cloud | undefined;
    readonly onRepeatedCall: (service: string) => void;
  },
): Promise<ServiceResponse> {
  if (cloud === undefined) return plainText(503, "local AWS is still starting");
  const body = await readBody(request);
  if (body === undefined) return plainText(413, "RequestEntityTooLarge");

  const { accessKeyId, service } = credentialScope(request.headers.authorization);
  const principal = accessKeyId === undefined ? undefined : keys.holderOf(accessKeyId);
  const refused = (code: string, message: string): WireError => ({ code, message, status: 403 });
  const [prefix = "", operation] = String(request.headers["x-amz-target"] ?? "").split(".");
  const named = services[prefix] ?? signingNames[service ?? ""] ?? service ?? "";
  if (attemptOf(request) > 1) onRepeatedCall(named);
  const refusal =
    accessKeyId === undefined
      ? refused("MissingAuthenticationTokenException", "Request is missing Authentication Token")
      : refused(
          "UnrecognizedClientException",
          "The security token included in the request is invalid: use a key that local AWS handed out",
        );

  if (operation !== undefined) {
    return answerJson(named, operation, async () => {
      if (principal === undefined) throw refusal;
      return cloud.call(principal, { service: named, operation, input: parseJson(body) }, signal);
    });
  }
  if (named === "sqs" && principal !== undefined) {
    return callSqsQuery(cloud, principal, {
      path: request.url ?? "/",
      contentType: request.headers["content-type"],
      accept: request.headers.accept,
      body,
    });
  }
  if (named === "s3") {
    const { method = "", url = "/", headers } = request;
    return callS3(cloud, principal, { method, url, headers, body });
  }
  if (named === "lambda" && principal !== undefined) {
    const { method = "", url = "/", headers } = request;
    return callLambda(cloud, principal, { method, url, headers, body });
  }
  const form = Object.fromEntries(new URLSearchParams(body.toString("utf8")));
  return answerQuery(named, String(form.Action), async () => {
    if (principal === undefined) throw refusal;
    if (Object.values(services).includes(named)) {
      throw new ServiceError(
        "UnknownOperationException",
        `local AWS speaks the JSON protocol with ${named}, as the SDKs and the AWS CLI of today do`,
        501,
      );
    }
    return callForm(cloud, principal, named, form);
  });
}

function callForm(cloud: Cloud, principal: Principal, service: string, form: Record<string, string>) {
  const { Action, Version: _, ...input } = form;
  return cloud.call(principal, { service, operation: Action ?? "", input });
}

const services: Readonly<Record<string, string>> = {
  AmazonSQS: "sqs",
  AWSEvents: "events",
  AWSStepFunctions: "states",
  Firehose_20150804: "firehose",
  Kinesis_20131202: "kinesis",
  DynamoDB_20120810: "dynamodb",
  GraniteServiceVersion20100801: "cloudwatch",
  Logs_20140328: "logs",
  secretsmanager: "secretsmanager",
};

/** Services whose calls are signed for another name than IAM calls them. */
const signingNames: Readonly<Record<string, string>> = { monitoring: "cloudwatch" };

/** SDKs count the requests of a call: `amz-sdk-request: attempt=2; max=3`. */
function attemptOf({ headers }: IncomingMessage): number {
  return Number(/attempt=(\d+)/.exec(String(headers["amz-sdk-request"]))?.[1] ?? 1);
}

/** `AWS4-HMAC-SHA256 Credential=<key id>/<day>/<Region>/<service>/aws4_request, …` */
function credentialScope(authorization = ""): { accessKeyId?: string; service?: string } {
  const [, accessKeyId, service] = /Credential=([^/]+)\/[^/]+\/[^/]+\/([^/]+)\//.exec(authorization) ?? [];
  return accessKeyId === undefined || service === undefined ? {} : { accessKeyId, service };
}

async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maximumRequestBytes) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function parseJson(body: Buffer): Record<string, unknown> {
  if (body.length === 0) return {};
  try {
    return JSON.parse(body.toString("utf8"));
  } catch {
    throw {
      code: "SerializationException",
      message: "the body is not JSON",
      status: 400,
    } satisfies WireError;
  }
}

/** Ends a long poll whose caller has gone. */
function abortedWith(response: ServerResponse): AbortSignal {
  const controller = new AbortController();
  response.once("close", () => controller.abort());
  return controller.signal;
}

function plainText(status: number, text: string): ServiceResponse {
  return { status, headers: { "content-type": "text/plain" }, body: Buffer.from(text) };
}

function write(response: ServerResponse, { status, headers, body }: ServiceResponse): void {
  response.writeHead(status, {
    "x-amzn-requestid": randomUUID(),
    ...headers,
    "content-length": body.byteLength,
  });
  response.end(body);
}
