import type { SignedRequest } from "../../runtime/signatures/verify.js";

/** A request for signature tests; what is left out is empty. */
export function signedRequest({
  body = "",
  ...parts
}: Partial<Omit<SignedRequest, "body">> & { body?: string | Buffer }): SignedRequest {
  return {
    method: "POST",
    headers: [],
    query: [],
    receivedAt: 1_767_225_600_000,
    ...parts,
    body: Buffer.from(body),
  };
}
