import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import type { TargetKind } from "../../runtime/stage/targets.js";
import { commonErrors, type ErrorRule, type ErrorTable } from "../../runtime/targets/errors.js";
import { eventBusErrors } from "../../runtime/targets/event-bus.js";
import { firehoseErrors } from "../../runtime/targets/firehose.js";
import { functionErrors } from "../../runtime/targets/function.js";
import { queueErrors } from "../../runtime/targets/queue.js";
import { stateMachineErrors } from "../../runtime/targets/state-machine.js";
import { streamErrors } from "../../runtime/targets/stream.js";
import { topicErrors } from "../../runtime/targets/topic.js";
import { root } from "../support/imports.js";

const page = readFileSync(join(root, "docs/targets.md"), "utf8");
const errors = page.slice(page.indexOf("## Errors"));
const tables: Readonly<Record<TargetKind, ErrorTable>> = {
  queue: queueErrors,
  eventBus: eventBusErrors,
  topic: topicErrors,
  function: functionErrors,
  stateMachine: stateMachineErrors,
  stream: streamErrors,
  firehose: firehoseErrors,
};

const codesIn = (text = "") => [...text.matchAll(/`(\w+)`/g)].map(([, code]) => code).sort();
const codesOf = (table: ErrorTable, verdict: ErrorRule["verdict"]) =>
  Object.keys(table)
    .filter((code) => table[code]?.verdict === verdict)
    .sort();

describe("docs/targets.md", () => {
  it.each(Object.keys(tables) as TargetKind[])(
    "has each error code of the target %s in its column",
    (kind) => {
      const row = errors
        .split("\n")
        .find((line) => line.startsWith(`| [\`${kind}\`](https://docs.aws.amazon.com/`));
      const [, , invalid, mend, wait] = row?.split("|") ?? [];
      const own = Object.fromEntries(
        Object.entries(tables[kind]).filter(([code]) => !Object.hasOwn(commonErrors, code)),
      );
      expect(codesIn(invalid)).toEqual(codesOf(own, "invalid"));
      expect(codesIn(mend)).toEqual(codesOf(own, "mend"));
      expect(codesIn(wait)).toEqual(codesOf(own, "wait"));
    },
  );

  it("has the codes that all targets have in common", () => {
    const [, mend, wait] = /All services have ([^*]*)\*mended\*([^*]*)\*waited for\*/.exec(errors) ?? [];
    expect(codesIn(mend)).toEqual(codesOf(commonErrors, "mend"));
    expect(codesIn(wait)).toEqual(codesOf(commonErrors, "wait"));
  });
});
