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
