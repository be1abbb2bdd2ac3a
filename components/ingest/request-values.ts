import type { BodyMode } from "../../settings/ingest-source.js";

/**
 * Sets `$json` to the parsed body, or to an empty map if the body does not start like a JSON object. If a body starts
 * like one but is malformed, API Gateway itself answers with an error, and the webhook is not queued.
 */
export function parseBody(bodyMode: BodyMode): string {
  const text =
    bodyMode === "bytes"
      ? // An empty body arrives as "{}", which is not base64.
        '#set($text = "")#if($input.body != "{}")#set($text = $util.base64Decode($input.body))#end'
      : "#set($text = $input.body)";
  return `#set($json = {})${text}#if($text.trim().startsWith("{"))#set($json = $util.parseJson($text))#end`;
}

/**
 * Sets a variable to the text of the value at a path in `$json`, or to the empty text. It takes two steps, because a
 * `#set` to null leaves the variable unchanged in one version of Velocity and empties it in another.
 *
 * @param path names with dots between them
 */
export function setFromJson(variable: string, path: string): string {
  const steps = path.split(".").map((step) => `.get("${step}")`);
  return `#set($found = "")#set($found = $json${steps.join("")})#set(${variable} = "$!found")`;
}

/**
 * Sets a variable to the text at a place of the request, or to the empty text. The template must have set `$headers`, and
 * for a path in the body `$json`, see {@link parseBody}.
 *
 * @param place `query:<name>`, `header:<name>` or `json:<path>`
 */
export function setFrom(variable: string, place: string): string {
  const [, kind, name = ""] = /^(query|header|json):(.*)$/.exec(place) ?? [];
  if (kind === "json") return setFromJson(variable, name);
  if (kind === "header") return `#set(${variable} = "")${setFromHeader(variable, name)}`;
  return `#set(${variable} = "$!input.params().querystring.get('${name}')")`;
}

/**
 * API Gateway looks headers up in the exact case in which they arrived, and HTTP/2 senders write them in lower case
 * (AWS fact 1.7).
 */
export function setFromHeader(variable: string, name: string): string {
  const lower = name.toLowerCase();
  return `#foreach($name in $headers.keySet())#if($name.toLowerCase() == "${lower}")#set(${variable} = $headers.get($name))#end#end`;
}
