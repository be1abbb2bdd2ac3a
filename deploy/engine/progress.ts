import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import type { Console } from "../../command-line/console.js";
import { nameOf, typeOf } from "../plan/changes.js";

const done: Readonly<Record<string, string>> = {
  create: "created",
  "create-replacement": "created anew",
  update: "updated",
  delete: "deleted",
  "delete-replaced": "deleted",
  import: "imported",
};

/** Tells a person of each resource that is done with, or failed. A program reads the result instead. */
export function tellProgress(console: Console): (event: EngineEvent) => void {
  if (console.json) return () => {};
  return ({ resOutputsEvent, resOpFailedEvent }) => {
    const { metadata } = resOutputsEvent ?? resOpFailedEvent ?? {};
    if (metadata === undefined) return;
    const deed = resOpFailedEvent === undefined ? done[metadata.op] : "failed";
    if (deed !== undefined)
      console.tell(`${deed.padEnd(12)}  ${typeOf(metadata.type)} ${nameOf(metadata.urn)}`);
  };
}
