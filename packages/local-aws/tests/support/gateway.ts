import type { Gateway } from "../../gateway/request/http-server.js";
import { type RestApiOptions, serveRestApi } from "../../gateway/rest-api.js";
import type { Graph, GraphResource } from "../../program/graph.js";
import type { CallService, ServiceRequest, ServiceResponse } from "../../services/service-call.js";
import { type Received, type SendOptions, sendRequest } from "../../testing/send-request.js";

/** A request template in the form of the program's own: metadata percent-encoded by hand, the body last, outside of it. */
export const sendMessageTemplate = `#set($h = $input.params().header)##
#set($q = $input.params().querystring)##
Action=SendMessage&Version=2012-11-05&MessageBody=##
%7B%22v%22%3A1##
%2C%22id%22%3A%22$util.urlEncode($util.base64Encode($context.extendedRequestId))%22##
%2C%22t%22%3A\${context.requestTimeEpoch}##
%2C%22ip%22%3A%22$util.urlEncode($util.base64Encode($context.identity.sourceIp))%22##
%2C%22m%22%3A%22$util.urlEncode($util.base64Encode($context.httpMethod))%22##
%2C%22p%22%3A%22$util.urlEncode($util.base64Encode($context.path))%22##
%2C%22h%22%3A%5B#foreach($n in $h.keySet())%5B%22$util.urlEncode($util.base64Encode($n))%22%2C%22$util.urlEncode($util.base64Encode($h.get($n)))%22%5D#if($foreach.hasNext)%2C#end#end%5D##
%2C%22q%22%3A%5B#foreach($n in $q.keySet())%5B%22$util.urlEncode($util.base64Encode($n))%22%2C%22$util.urlEncode($util.base64Encode($q.get($n)))%22%5D#if($foreach.hasNext)%2C#end#end%5D##
%7D%0A$util.urlEncode($input.body)`;

const toText = { contentHandling: "CONVERT_TO_TEXT" };

/** An integration that puts the request into a queue; `changes` replaces parts of it. */
export function sqsIntegration(changes: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: "aws",
    httpMethod: "POST",
    uri: "arn:aws:apigateway:eu-west-1:sqs:path/000000000000/orders",
    credentials: "arn:aws:iam::000000000000:role/api",
    requestParameters: {
      "integration.request.header.Content-Type": "'application/x-www-form-urlencoded'",
    },
    requestTemplates: { "application/json": sendMessageTemplate, "text/plain": sendMessageTemplate },
    passthroughBehavior: "never",
    ...toText,
    responses: {
      "2\\d{2}": { statusCode: "200", responseTemplates: { "application/json": '{"ok":true}' }, ...toText },
      default: { statusCode: "502", responseTemplates: { "application/json": '{"ok":false}' }, ...toText },
    },
    ...changes,
  };
}

/** An operation with that integration. */
export function operation(integration: object, rest: object = {}): object {
  return {
    responses: { "200": { description: "queued" }, "502": { description: "not queued" } },
    "x-amazon-apigateway-integration": integration,
    ...rest,
  };
}

/** An integration whose request template is `template`, sent on as it is rendered, text in, text out. */
export function textIntegration(template: string, changes: Record<string, unknown> = {}): object {
  const { contentHandling: _, ...rest } = sqsIntegration({
    requestTemplates: { "application/json": template },
    responses: { default: { statusCode: "200" } },
  });
  return { ...rest, ...changes };
}

export interface TestApi {
  readonly paths: Record<string, unknown>;
  /** More of the document. */
  readonly document?: Record<string, unknown>;
  /** @default binary media types for everything */
  readonly restApi?: Record<string, unknown>;
  readonly stage?: Record<string, unknown>;
  readonly resources?: readonly Pick<GraphResource, "type" | "name" | "inputs">[];
}

/** The graph of a program that registers this API with one stage, `v1`. */
export function graphOf({ paths, document, restApi, stage, resources = [] }: TestApi): Graph {
  const body = JSON.stringify({ openapi: "3.0.1", info: { title: "api", version: "1" }, paths, ...document });
  const registered: Pick<GraphResource, "type" | "name" | "inputs">[] = [
    {
      type: "aws:apigateway/restApi:RestApi",
      name: "api",
      inputs: { body, binaryMediaTypes: ["*/*"], ...restApi },
    },
    { type: "aws:apigateway/deployment:Deployment", name: "deployment", inputs: { restApi: "api" } },
    {
      type: "aws:apigateway/stage:Stage",
      name: "stage",
      inputs: { restApi: "api", deployment: "deployment", stageName: "v1", ...stage },
    },
    ...resources,
  ];
  return {
    project: "test",
    stack: "test",
    region: "eu-west-1",
    account: "000000000000",
    outputs: {},
    resources: registered.map((resource) => ({
      ...resource,
      urn: `urn:pulumi:test::test::${resource.type}::${resource.name}`,
      custom: true,
      protect: false,
      aliases: [],
      id: resource.name,
      state: resource.inputs,
    })),
  };
}

/** SQS as the gateway sees it: keeps what it was sent and answers what it is told to. */
export class FakeService {
  readonly requests: ServiceRequest[] = [];
  answer: () => Promise<ServiceResponse> = () =>
    Promise.resolve(serviceResponse(200, '{"SendMessageResponse":{}}'));

  readonly call: CallService = (request) => {
    this.requests.push(request);
    return this.answer();
  };

  /** The body of the only request so far. */
  get sent(): string {
    if (this.requests.length !== 1)
      throw new Error(`wanted one call of the service, saw ${this.requests.length}`);
    return Buffer.from(this.requests[0]?.body ?? []).toString("latin1");
  }
}

export function serviceResponse(status: number, body: string): ServiceResponse {
  return { status, headers: { "content-type": "application/json" }, body: Buffer.from(body) };
}

export interface RunningGateway {
  readonly gateway: Gateway;
  readonly service: FakeService;
  readonly accessLog: string[];
  readonly executionLog: string[];
  readonly measured: Parameters<NonNullable<RestApiOptions["onRequest"]>>[0][];
  send(path: string, options?: SendOptions): Promise<Received>;
}

/** Starts a gateway for the API on a free port. */
export async function runGateway(api: TestApi, clock?: () => number): Promise<RunningGateway> {
  const graph = graphOf(api);
  const service = new FakeService();
  const [accessLog, executionLog]: [string[], string[]] = [[], []];
  const measured: RunningGateway["measured"] = [];
  const gateway = await serveRestApi({
    graph,
    restApi: graph.resources[0] as GraphResource,
    callService: service.call,
    onAccessLog: (line) => accessLog.push(line),
    onExecutionLog: (line) => executionLog.push(line),
    onRequest: (request) => measured.push(request),
    ...(clock === undefined ? {} : { clock }),
  });
  return {
    gateway,
    service,
    accessLog,
    executionLog,
    measured,
    send: (path, options) => sendRequest(gateway.url + path, options),
  };
}

/** What a rendered {@link sendMessageTemplate} says, read as SQS and its consumer would. */
export function readSendMessage(form: string) {
  const parameters = [...new URLSearchParams(form)];
  const message = parameters.find(([name]) => name === "MessageBody")?.[1] ?? "";
  const end = message.indexOf("}\n") + 1;
  const metadata = JSON.parse(message.slice(0, end)) as Record<"id" | "ip" | "m" | "p", string> & {
    t: number;
    h: [string, string][];
    q: [string, string][];
  };
  const text = (value: string) => Buffer.from(value, "base64").toString("utf8");
  const map = (pairs: [string, string][]) => new Map(pairs.map(([name, value]) => [text(name), text(value)]));
  const body = message.slice(end + 1);
  return {
    parameters,
    id: text(metadata.id),
    receivedAt: metadata.t,
    sourceIp: text(metadata.ip),
    method: text(metadata.m),
    path: text(metadata.p),
    headers: map(metadata.h),
    query: map(metadata.q),
    body: body === "{}" ? Buffer.alloc(0) : Buffer.from(body, "base64"),
  };
}
