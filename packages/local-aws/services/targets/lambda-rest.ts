import { randomUUID } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { AccessDenied } from "../../iam/authoriser.js";
import type { Principal } from "../../iam/principal.js";
import type { Cloud } from "../cloud.js";
import { wireError } from "../protocols.js";
import type { ServiceResponse } from "../service-call.js";
import { unknownOperation } from "./input.js";
import type { LambdaInvocations } from "./lambda-invocations.js";

/** What Lambda sees of an HTTP request. */
export interface LambdaRequest {
  readonly method: string;
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/**
 * Makes the call that a request to Lambda asks for, and answers in Lambda's form:
 * docs.aws.amazon.com/lambda/latest/api/API_Invoke.html
 */
export async function callLambda(
  cloud: Cloud,
  principal: Principal,
  { method, url, headers, body }: LambdaRequest,
): Promise<ServiceResponse> {
  try {
    const [path = "", query = ""] = url.split("?");
    const [, name = ""] = /^\/2015-03-31\/functions\/([^/]+)\/invocations$/.exec(path) ?? [];
    if (method !== "POST" || name === "") throw unknownOperation("Lambda", `${method} ${path}`);
    const qualifier = new URLSearchParams(query).get("Qualifier");
    const input = {
      FunctionName: `${decodeURIComponent(name)}${qualifier === null ? "" : `:${qualifier}`}`,
      InvocationType: headers["x-amz-invocation-type"],
      Payload: body,
    };
    const answer = (await cloud.call(principal, {
      service: "lambda",
      operation: "Invoke",
      input,
    })) as Awaited<ReturnType<LambdaInvocations["handle"]>>;
    return {
      status: answer.status,
      headers: {
        "content-type": "application/json",
        "x-amzn-requestid": randomUUID(),
        ...(answer.functionError === undefined ? {} : { "x-amz-function-error": answer.functionError }),
      },
      body: Buffer.from(answer.payload === undefined ? "" : JSON.stringify(answer.payload)),
    };
  } catch (error) {
    const { code, message, status } =
      error instanceof AccessDenied
        ? { code: "AccessDeniedException", message: error.message, status: 403 }
        : wireError(error, "lambda Invoke");
    return {
      status,
      headers: { "content-type": "application/json", "x-amzn-errortype": code },
      body: Buffer.from(JSON.stringify({ Type: "User", Message: message, message })),
    };
  }
}
