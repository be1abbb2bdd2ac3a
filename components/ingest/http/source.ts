import { mostAttributes } from "../../../runtime/envelope/http-api-message.js";
import { checkThat, checkWholeNumber } from "../../support/check.js";

/** One sender, as an HTTP API sees it. */
export interface HttpIngestSource {
  /** `[a-z0-9-]{1,64}`; the last part of the path. */
  readonly name: string;

  /**
   * Headers that the queue carries, lower case: what the source's signature, event id and handler go by. An HTTP API passes
   * none on by itself. `content-type` is carried always.
   */
  readonly headers: readonly string[];

  /**
   * Query parameters that the queue carries.
   *
   * @default none
   */
  readonly queryParameters?: readonly string[];

  /**
   * Requests a second, and at once, from which on this source is answered 429.
   *
   * @default the stage's own limits alone
   */
  readonly throttling?: { readonly requestsPerSecond: number; readonly burst: number } | undefined;
}

/** The request that leads to a source. */
export function routeKey(pathPrefix: string, { name }: Pick<HttpIngestSource, "name">): string {
  return `POST /${pathPrefix}/${name}`;
}

/**
 * A name that may stand in a selection expression and in an attribute's name. SQS takes no others in attributes, and dots
 * have a meaning in expressions.
 */
export const carriedName = /^[A-Za-z0-9_-]{1,200}$/;

/** Headers that a message of the source carries, each once. */
export function carriedHeaders({ headers }: Pick<HttpIngestSource, "headers">): string[] {
  return [...new Set(["content-type", ...headers])];
}

/** Headers and query parameters that a message has room for, besides its gateway's own attribute. */
export const mostCarriedValues = mostAttributes - 1;

/** How many headers and query parameters a message of the source carries. */
export function carriedValues(source: Pick<HttpIngestSource, "headers" | "queryParameters">): number {
  return carriedHeaders(source).length + (source.queryParameters ?? []).length;
}

/** Refuses sources that an HTTP API cannot serve, each by its place in the list. */
export function checkHttpIngestSources(sources: readonly HttpIngestSource[]): void {
  checkThat(sources.length > 0, "sources", "must name at least one source");
  for (const [index, source] of sources.entries()) {
    const { name, headers, queryParameters = [], throttling } = source;
    const path = `sources[${index}]`;
    checkThat(/^[a-z0-9-]{1,64}$/.test(name), `${path}.name`, "must be 1 to 64 of a-z, 0-9 and -");
    const first = sources.findIndex((other) => other.name === name);
    checkThat(first === index, `${path}.name`, `"${name}" is already the name of sources[${first}]`);
    checkNames(`${path}.headers`, headers);
    checkNames(`${path}.queryParameters`, queryParameters);
    checkThat(
      carriedValues(source) <= mostCarriedValues,
      path,
      `(${name}) needs ${carriedValues(source)} headers and query parameters, content-type among them; SQS has room for ${mostCarriedValues}`,
    );
    if (throttling !== undefined) {
      checkWholeNumber(`${path}.throttling.requestsPerSecond`, throttling.requestsPerSecond, 1, 10_000);
      checkWholeNumber(`${path}.throttling.burst`, throttling.burst, 1, 5_000);
    }
  }
}

function checkNames(path: string, names: readonly string[]): void {
  const wrong = names.find((name) => !carriedName.test(name));
  checkThat(wrong === undefined, path, `"${wrong}" must be letters, digits, _ and - to be carried by SQS`);
}
