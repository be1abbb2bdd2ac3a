import { UserError } from "../../program/user-error.js";
import { contextValue } from "../request/context.js";
import type { HeaderField } from "../request/method-request.js";
import type { JavaMap } from "../velocity/java-values.js";

/** What a parameter mapping of an HTTP API can take values from (AWS fact 7.2). */
export interface SelectionSources {
  readonly headers: readonly HeaderField[];
  readonly query: URLSearchParams;
  readonly path: string;
  /** The body as text: UTF-8, whatever the sender says. */
  readonly body: string;
  readonly context: JavaMap;
  readonly stageVariables: Readonly<Record<string, string>>;
}

/** A mapped value; undefined where the request has none. */
export type Selection = (sources: SelectionSources) => string | undefined;

/**
 * Reads the right side of a parameter mapping: an expression (`$request.body`), a text with expressions in braces, or a
 * plain text. http-api-parameter-mapping.html of the API Gateway guide
 *
 * @param where names the parameter in an error
 * @throws UserError for what AWS refuses, and for what the local gateway does not know
 */
export function readSelection(text: string, where: string): Selection {
  if (text.includes("${")) return filledIn(text, where);
  if (!text.startsWith("$")) return () => text;
  return readReference(text.slice(1), where);
}

/**
 * A value that is missing fills in as nothing. Values are filled in as they are: whether AWS escapes them where the text is
 * JSON is not known (AWS fact 7.3), and this is the case that a program has to be prepared for.
 */
function filledIn(text: string, where: string): Selection {
  const pieces = text
    .split(/(\$\{[^}]*\})/)
    .map(
      (piece): Selection => (piece.startsWith("${") ? readReference(piece.slice(2, -1), where) : () => piece),
    );
  return (sources) => pieces.map((piece) => piece(sources) ?? "").join("");
}

function readReference(reference: string, where: string): Selection {
  if (reference === "request.body") return ({ body }) => (body === "" ? undefined : body);
  if (reference === "request.path") return ({ path }) => path;
  const [, place, name] =
    /^(request\.header|request\.querystring|context|stageVariables)\.([\w.-]+)$/.exec(reference) ?? [];
  if (place === undefined || name === undefined) {
    throw new UserError(`${where}: "$${reference}" is not known to the local HTTP API`);
  }
  return (sources) => valueAt(sources, place, name);
}

function valueAt(
  { headers, query, context, stageVariables }: SelectionSources,
  place: string,
  name: string,
): string | undefined {
  switch (place) {
    case "request.header": {
      const lowerCase = name.toLowerCase();
      return joined(
        headers.filter((field) => field.name.toLowerCase() === lowerCase).map(({ value }) => value),
      );
    }
    case "request.querystring":
      return joined(query.getAll(name));
    case "context":
      return contextValue(context, name);
    default:
      return stageVariables[name];
  }
}

/** Several values come with commas between them. */
function joined(values: readonly string[]): string | undefined {
  return values.length === 0 ? undefined : values.join(",");
}
