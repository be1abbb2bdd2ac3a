import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { AccessDenied } from "../iam/authoriser.js";
import type { Principal } from "../iam/principal.js";
import type { Cloud } from "./cloud.js";
import { unknownOperation } from "./input.js";
import { wireError } from "./protocols.js";
import type { ServiceResponse } from "./service-call.js";
import { ServiceError } from "./service-error.js";
import type { LambdaInvocations } from "./targets/lambda-invocations.js";

/** What Lambda sees of an HTTP request. */
export interface LambdaRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A call and the request that means it, as in AWS's API model of Lambda (2015-03-31). */
interface Route {
  readonly operation: string;
  readonly method: string;
  /** Its groups are members of the input. */
  readonly path: RegExp;
  /** @default 200 */
  readonly status?: number;
}

const routes: readonly Route[] = [
  {
    operation: "Invoke",
    method: "POST",
    path: /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/invocations$/,
  },
  { operation: "ListFunctions", method: "GET", path: /^\/2015-03-31\/functions\/?$/ },
  { operation: "GetFunction", method: "GET", path: /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)$/ },
  {
    operation: "GetFunctionConfiguration",
    method: "GET",
    path: /^\/2015-03-31\/functions\/(?<FunctionName>[^/]+)\/configuration$/,
  },
  {
    operation: "GetFunctionConcurrency",
    method: "GET",
    path: /^\/2019-09-30\/functions\/(?<FunctionName>[^/]+)\/concurrency$/,
  },
  { operation: "ListEventSourceMappings", method: "GET", path: /^\/2015-03-31\/event-source-mappings\/?$/ },
  {
    operation: "GetEventSourceMapping",
    method: "GET",
    path: /^\/2015-03-31\/event-source-mappings\/(?<UUID>[^/]+)$/,
  },
  {
    operation: "UpdateEventSourceMapping",
    method: "PUT",
    path: /^\/2015-03-31\/event-source-mappings\/(?<UUID>[^/]+)$/,
    status: 202,
  },
  { operation: "ListTags", method: "GET", path: /^\/2017-03-31\/tags\/(?<Resource>.+)$/ },
  { operation: "TagResource", method: "POST", path: /^\/2017-03-31\/tags\/(?<Resource>.+)$/, status: 204 },
  {
    operation: "UntagResource",
    method: "DELETE",
    path: /^\/2017-03-31\/tags\/(?<Resource>.+)$/,
    status: 204,
  },
];

/**
 * Makes the call that a request to Lambda asks for, and answers in Lambda's form:
 * docs.aws.amazon.com/lambda/latest/api/API_Operations.html
 */
export async function callLambda(
  cloud: Cloud,
  principal: Principal,
  request: LambdaRequest,
): Promise<ServiceResponse> {
  const { method, url } = request;
  try {
    const [path = "", query = ""] = url.split("?");
    const route = routes.find((each) => each.method === method && each.path.test(path));
    if (route === undefined) throw unknownOperation("Lambda", `${method} ${path}`);
    const { operation, status = 200 } = route;
    const named = Object.fromEntries(
      Object.entries(route.path.exec(path)?.groups ?? {}).map(([name, value]) => [name, decoded(value)]),
    );
    if (operation === "Invoke")
      return await invoke(cloud, principal, named.FunctionName ?? "", query, request);
    const input = { ...readQuery(query), ...readBody(request.body), ...named };
    const output = await cloud.call(principal, { service: "lambda", operation, input });
    return response(status, Buffer.from(output === undefined ? "" : JSON.stringify(output)));
  } catch (error) {
    const { code, message, status } =
      error instanceof AccessDenied
        ? { code: "AccessDeniedException", message: error.message, status: 403 }
        : wireError(error, `lambda ${method} ${url}`);
    const body = Buffer.from(JSON.stringify({ Type: "User", Message: message, message }));
    return response(status, body, { "x-amzn-errortype": code });
  }
}

async function invoke(
  cloud: Cloud,
  principal: Principal,
  functionName: string,
  query: string,
  { headers, body }: LambdaRequest,
): Promise<ServiceResponse> {
  const qualifier = new URLSearchParams(query).get("Qualifier");
  const input = {
    FunctionName: `${functionName}${qualifier === null ? "" : `:${qualifier}`}`,
    InvocationType: headers["x-amz-invocation-type"],
    Payload: body,
  };
  const answer = (await cloud.call(principal, {
    service: "lambda",
    operation: "Invoke",
    input,
  })) as Awaited<ReturnType<LambdaInvocations["handle"]>>;
  return response(
    answer.status,
    Buffer.from(answer.payload === undefined ? "" : JSON.stringify(answer.payload)),
    answer.functionError === undefined ? {} : { "x-amz-function-error": answer.functionError },
  );
}

function response(
  status: number,
  body: Buffer,
  headers: Readonly<Record<string, string>> = {},
): ServiceResponse {
  return {
    status,
    headers: { "content-type": "application/json", "x-amzn-requestid": randomUUID(), ...headers },
    body,
  };
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw invalidRequest("the path is not encoded as a URL's");
  }
}

/** Only the keys of tags are a list; in the query they are called otherwise than in the model. */
function readQuery(query: string): Record<string, unknown> {
  const parameters = new URLSearchParams(query);
  const keys = parameters.getAll("tagKeys");
  parameters.delete("tagKeys");
  return { ...Object.fromEntries(parameters), ...(keys.length === 0 ? {} : { TagKeys: keys }) };
}

function readBody(body: Buffer): object {
  if (body.length === 0) return {};
  try {
    const read: unknown = JSON.parse(body.toString("utf8"));
    if (typeof read === "object" && read !== null) return read;
  } catch {
    // Said below, as what is no object.
  }
  throw invalidRequest("Could not parse request body into json.");
}

const invalidRequest = (why: string) => new ServiceError("InvalidRequestContentException", why);
