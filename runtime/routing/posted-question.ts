import type { Envelope } from "../envelope/envelope.js";
import { headerValues } from "../envelope/headers.js";
import { JsonBody } from "../envelope/json.js";
import type { PostedQuestion, RequestPlace } from "../stage/handshake.js";

/** Why a posted question is ignored. */
export const answeredByTheGateway = "it is a handshake, which the gateway has answered";

type Request = Pick<Envelope, "headers" | "query" | "body">;

/** Whether a request is the provider's question whether the URL is ours, and no event. */
export function isPostedQuestion(question: PostedQuestion | undefined, request: Request): boolean {
  if (question === undefined) return false;
  const { challenge, requires = {} } = question;
  const found = valueAt(challenge, request);
  return (
    found !== undefined &&
    found !== "" &&
    Object.entries(requires).every(([place, value]) => valueAt(place as RequestPlace, request) === value)
  );
}

function valueAt(place: RequestPlace, { headers, query, body }: Request): string | undefined {
  const name = place.slice(place.indexOf(":") + 1);
  if (place.startsWith("header:")) return headerValues(headers, name).at(-1);
  if (place.startsWith("query:")) return query.findLast(([candidate]) => candidate === name)?.[1];
  return new JsonBody(body).textAt(name);
}
