import { parse } from "yaml";
import type { TargetDefinition } from "../../runtime/stage/definition.js";
import { type Lane, lanesOf } from "../lanes.js";
import { parseSettings } from "../settings.js";

/** The document with the picture, by its path from the project's root. */
export const pictured = "docs/subscribers.md";

const place = /(<!-- drawn from the example -->\n).*?(<!-- end -->)/s;

/**
 * The document with its picture drawn anew, from the settings in its first example.
 *
 * @throws Error if it has no example or no place for the picture
 * @throws SettingsError if a stage would not take the example
 */
export function withPicture(text: string): string {
  const [, example] = /^```yaml\n(.+?)^```/ms.exec(text) ?? [];
  if (example === undefined || !place.test(text))
    throw new Error("there is no example or no place in the document");
  const { "webhook-pipeline:sources": sources } = parse(example);
  const picture = flowchart(lanesOf(parseSettings({ sources }), "webhooks"));
  return text.replace(place, (_, start: string, end: string) => `${start}${picture}\n${end}`);
}

/** The way of webhooks through lanes, as a flowchart of Mermaid: mermaid.js.org/syntax/flowchart.html. */
export function flowchart(lanes: readonly Lane[]): string {
  const numberOf = (name: string) => lanes.findIndex((lane) => lane.name === name);
  return [
    "```mermaid",
    "flowchart LR",
    "  sender([sender]) --> api[API Gateway]",
    ...lanes.flatMap(({ name, sources, subscribers, definition, handsOverTo }, at) => [
      ...(sources.length === 0 ? [] : [`  api --> queue${at}`]),
      `  queue${at}[("queue<br>${name}")] --> function${at}["function<br>${name}"]`,
      `  queue${at} -. "after ${definition.maxReceiveCount} deliveries" .-> dead${at}[("dead letters<br>${name}")]`,
      ...Object.entries(handsOverTo).map(
        ([key, lane]) => `  function${at} -- "${key}" --> queue${numberOf(lane)}`,
      ),
      ...subscribers.map(
        ({ key, definition: { target } }, index) =>
          `  function${at} -- "${key}" --> target${at}_${index}(["${inWords(target)}"])`,
      ),
    ]),
    "```",
  ].join("\n");
}

function inWords(target: TargetDefinition): string {
  if ("handler" in target) return `${target.handler}.ts`;
  if ("forward" in target) return new URL(target.forward.url).host;
  return `${target.kind} ${target.arn}`;
}
