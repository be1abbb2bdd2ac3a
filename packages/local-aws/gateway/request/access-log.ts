import type { JavaMap } from "../velocity/java-values.js";
import { contextValue } from "./context.js";

/**
 * A stage's access log format with the request's values; what has none prints as `-`.
 * docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-variables-for-access-logging.html
 */
export function accessLogLine(format: string, context: JavaMap): string {
  return format.replace(
    /\$context\.([A-Za-z]\w*(?:\.[A-Za-z]\w*)*)/g,
    (_, path: string) => contextValue(context, path) ?? "-",
  );
}
