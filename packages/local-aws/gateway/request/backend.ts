import type { CallService, ServiceResponse } from "../../services/service-call.js";
import type { Backend, Integration } from "../document/integration.js";
import { GatewayFault } from "./gateway-fault.js";
import { inTime } from "./in-time.js";
import type { IntegrationRequest } from "./integration-request.js";

/**
 * Sends the request to the integration's AWS service, or lets a mock answer.
 *
 * @throws GatewayFault when there is no answer: 504 (AWS fact 1.25)
 */
export function callBackend(
  { backend, timeoutMilliseconds }: Integration,
  request: IntegrationRequest,
  callService: CallService,
): Promise<ServiceResponse> {
  if (backend === undefined) return Promise.resolve(mockResponse(request.body));
  const late = (problem: string) =>
    new GatewayFault("INTEGRATION_TIMEOUT", "Endpoint request timed out", problem);
  return inTime(timeoutMilliseconds, callAws(backend, request, callService), late);
}

async function callAws(
  { service, path, method, roleArn }: Backend,
  { headers, query, path: pathParameters, body }: IntegrationRequest,
  callService: CallService,
): Promise<ServiceResponse> {
  const filled = path.replace(/\{([^{}]+)\}/g, (_, name: string) =>
    encodeURIComponent(pathParameters.get(name) ?? ""),
  );
  const extra = [...query].map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`);
  const separator = filled.includes("?") ? "&" : "?";
  const target = extra.length === 0 ? filled : `${filled}${separator}${extra.join("&")}`;
  try {
    return await callService({ service, path: target, method, headers, body, roleArn });
  } catch (error) {
    throw new GatewayFault(
      "INTEGRATION_FAILURE",
      "Network error communicating with endpoint",
      `${service} cannot be reached: ${(error as Error).message}`,
    );
  }
}

/** A mock answers with the `statusCode` in the JSON that its request template made, and with nothing else. */
function mockResponse(body: Uint8Array): ServiceResponse {
  let request: unknown;
  try {
    request = JSON.parse(Buffer.from(body).toString("utf8"));
  } catch {
    request = undefined;
  }
  const status = (request as { statusCode?: unknown } | null | undefined)?.statusCode;
  if (typeof status !== "number" || !Number.isInteger(status))
    throw GatewayFault.configuration(
      "Unable to parse statusCode. It should be an integer that is defined in the request template.",
    );
  return { status, headers: {}, body: new Uint8Array() };
}
