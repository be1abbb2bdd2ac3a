import { lastValues, type MethodRequest } from "../request/method-request.js";
import { decodedBase64, escapeJavaScript, javaBytes, urlDecode, urlEncode } from "./java-text.js";
import { fromJson, type JavaMap, JavaObject, type JavaValue, jsonText, printed } from "./java-values.js";
import { readPath } from "./json-path.js";
import type { Template } from "./velocity.js";

/** What a mapping template works on. */
export interface TemplateInput {
  /** The body; an empty one reads `{}` (AWS fact 1.1). */
  readonly body: string;
  readonly request: MethodRequest;
  readonly context: JavaMap;
  readonly stageVariables: JavaMap;
}

/** `$input.path` or `$input.json` on a body that looks like JSON and is not. It is answered 400 (AWS fact 1.4). */
export class BodyNotJson extends Error {
  override readonly name = "BodyNotJson";
}

/**
 * Renders a mapping template.
 *
 * @throws TemplateFault, SyntaxError or RangeError where AWS answers 500; BodyNotJson
 */
export function renderMapping(template: Template, input: TemplateInput): string {
  return template.render(
    new Map<string, JavaValue>([
      ["input", inputObject(input)],
      ["util", util],
      ["context", input.context],
      ["stageVariables", input.stageVariables],
    ]),
  );
}

function inputObject({ body: sent, request }: TemplateInput): JavaObject {
  const body = sent === "" ? "{}" : sent;
  const path = request.path as JavaMap;
  const querystring: JavaMap = lastValues(request.query);
  const header: JavaMap = lastValues(request.headers);
  let parsed: { value: JavaValue } | undefined;
  const at = (jsonPath: JavaValue) => {
    parsed ??= { value: parsedBody(body) };
    return readPath(parsed.value, printed(jsonPath));
  };
  return new JavaObject(
    "$input",
    {
      path: at,
      json: (jsonPath) => {
        const value = at(jsonPath);
        return value === undefined ? '""' : jsonText(value);
      },
      params: (name) =>
        name === undefined
          ? new Map<string, JavaValue>([
              ["path", path],
              ["querystring", querystring],
              ["header", header],
            ])
          : ([path, querystring, header].find((values) => values.has(printed(name)))?.get(printed(name)) ??
            ""),
    },
    { body },
  );
}

/** A body is JSON if it begins like an object, a list or a text; else it is one text as a whole (AWS fact 1.4). */
function parsedBody(body: string): JavaValue {
  if (!/^[{["]/.test(body)) return body;
  try {
    return fromJson(body);
  } catch (error) {
    throw new BodyNotJson(
      `Could not process payloadnet.minidev.json.parser.ParseException: ${(error as Error).message}`,
    );
  }
}

/** `$util` (AWS facts 1.12 and 1.13). A null goes through as null, which prints as nothing (AWS fact 1.6). */
const util = new JavaObject("$util", {
  urlEncode: onText(urlEncode),
  urlDecode: onText(urlDecode),
  base64Encode: onText((text) => javaBytes(text).toString("base64")),
  base64Decode: onText((text) => {
    const bytes = decodedBase64(text);
    if (bytes === undefined) throw new RangeError("$util.base64Decode: the text is not Base64");
    return bytes.toString("utf8");
  }),
  escapeJavaScript: onText(escapeJavaScript),
  parseJson: onText(fromJson),
});

function onText(work: (text: string) => JavaValue): (value: JavaValue) => JavaValue {
  return (value) => (value === null || value === undefined ? null : work(printed(value)));
}

/** The `$stageVariables` of a stage. */
export function stageVariables(variables: Readonly<Record<string, string>>): JavaMap {
  return new Map<string, JavaValue>(Object.entries(variables));
}
