import { gunzipSync, inflateSync } from "node:zlib";
import { GatewayFault } from "./gateway-fault.js";
import { longestBodyBytes } from "./http-server.js";

/**
 * The body without its content coding, which API Gateway takes off before anything else reads the body. The header
 * stays (AWS fact 1.23).
 *
 * @param coding value of `Content-Encoding`
 * @throws GatewayFault 415 for a coding that API Gateway does not know, and for a body that is not in its coding; 413
 *   for a body that is too long without it
 */
export function withoutContentCoding(body: Uint8Array, coding: string | undefined): Uint8Array {
  const name = coding?.trim().toLowerCase() ?? "";
  if (name === "" || name === "identity") return body;
  const decode = { gzip: gunzipSync, deflate: inflateSync }[name];
  if (decode === undefined) throw unsupported(`the content coding ${name} is not gzip, deflate or identity`);
  try {
    return decode(body, { maxOutputLength: longestBodyBytes });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ERR_BUFFER_TOO_LARGE")
      throw new GatewayFault("REQUEST_TOO_LARGE", "Request Too Long");
    throw unsupported(`the body is not ${name}`);
  }
}

function unsupported(detail: string): GatewayFault {
  return new GatewayFault("UNSUPPORTED_MEDIA_TYPE", "Unsupported Media Type", detail);
}
