import type { JavaMap, JavaValue } from "../velocity/java-values.js";
import { contextValue } from "./context.js";

/** Notes in `$context` what the integration said, for the access log and for templates. */
export function noteIntegration(context: JavaMap, status: number, latencyMilliseconds: number): void {
  const [code, latency] = [BigInt(status), BigInt(Math.round(latencyMilliseconds))];
  context.set(
    "integration",
    new Map<string, JavaValue>([
      ["status", code],
      ["latency", latency],
    ]),
  );
  context.set("integrationStatus", code);
  context.set("integrationLatency", latency);
}

export interface AnsweredRequest {
  readonly context: JavaMap;
  readonly status: number;
  readonly bodyBytes: number;
  readonly latencyMilliseconds: number;
  /** The stage's format; undefined where it keeps no access log. */
  readonly format: string | undefined;
}

/** Notes in `$context` how a request was answered, and makes its line for the access log. Undefined without an access log. */
export function accessLogLine({
  context,
  status,
  bodyBytes,
  latencyMilliseconds,
  format,
}: AnsweredRequest): string | undefined {
  context.set("status", BigInt(status));
  context.set("responseLength", BigInt(bodyBytes));
  context.set("responseLatency", BigInt(Math.round(latencyMilliseconds)));
  return format === undefined ? undefined : filledIn(format, context);
}

/**
 * A format with the request's values. A variable without a value prints as `-`.
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
function filledIn(format: string, context: JavaMap): string {
  return format.replace(
    /\$context\.([A-Za-z]\w*(?:\.[A-Za-z]\w*)*)/g,
    (_, path: string) => contextValue(context, path) ?? "-",
  );
}
