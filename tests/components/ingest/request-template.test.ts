import { describe, expect, it } from "vitest";
import { requestTemplate } from "../../../components/ingest/request-template.js";
import { envelopeFields, envelopeVersion } from "../../../runtime/envelope/envelope.js";
import type { IngestSource } from "../../../settings/ingest-source.js";

const sources: IngestSource[] = [
  { name: "plain" },
  { name: "slack", handshake: { kind: "slack" } },
  { name: "ordered", orderBy: "json:order.id", deduplicateBy: "header:X-Event" },
  { name: "constant", orderBy: "constant:all", deduplicateBy: "constant:same" },
];
const templates = sources.flatMap((source) =>
  (["bytes", "text"] as const).flatMap((bodyMode) =>
    [false, true].map(
      (fifo) =>
        [
          `${source.name}, ${bodyMode}, ${fifo ? "FIFO" : "standard"}`,
          requestTemplate({ source, bodyMode, fifo }),
        ] as const,
    ),
  ),
);

describe.each(templates)("the request template of %s", (_, template) => {
  it("ends without a line break, which would become part of the message", () => {
    expect(template).not.toMatch(/\s$/);
    expect(
      template
        .split("\n")
        .slice(0, -1)
        .every((line) => line.endsWith("##")),
    ).toBe(true);
  });

  it("prints nothing that is not percent-encoded", () => {
    // What stands between directives and references is the form itself: no space, quote, brace or control character.
    const printed = template
      .split("\n")
      .map((line) => line.replace(/##$/, ""))
      .filter((line) => !line.startsWith("#set") && !line.startsWith("#if"));
    for (const line of printed) {
      const text = line
        .replace(/#(foreach|if)\(\$\w+(\.\w+ > 0)?( in \$\w+\.keySet\(\))?\)|#end/g, "")
        .replace(/\$util\.urlEncode\((\$util\.base64Encode\([^()]*(\([^()]*\))?\)|\$\w+)\)/g, "")
        // biome-ignore lint/suspicious/noTemplateCurlyInString: Velocity's braces
        .replace("${context.requestTimeEpoch}", "");
      expect(text).toMatch(/^[A-Za-z0-9=&%.*_-]*$/);
    }
  });

  it("has a parameter for each that SQS is to see, and one message", () => {
    const parameters = [...template.matchAll(/(?:^|[&\n])([A-Z][A-Za-z]+)=/g)].map(([, name]) => name);
    const ordered = template.includes("MessageDeduplicationId");

    expect(parameters).toEqual([
      "Action",
      "Version",
      "MessageGroupId",
      ...(ordered ? ["MessageDeduplicationId"] : []),
      "MessageBody",
    ]);
  });

  it("writes the fields that the reader knows, in their order, and no other", () => {
    // What only a replay has is written by an operator.
    const { replayId: _replay, replayFor: _only, ...written } = envelopeFields;
    const fields = [...decodeURIComponent(template).matchAll(/[{,]"(\w+)":/g)].map(([, field]) => field);

    expect(fields).toEqual(Object.values(written));
    expect(decodeURIComponent(template)).toContain(`{"${envelopeFields.version}":${envelopeVersion},`);
  });

  it("stays far below what API Gateway stores", () => {
    expect(Buffer.byteLength(template)).toBeLessThan(10_000);
  });
});
