import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { accessLogFormat } from "../../components/ingest/access-log.js";
import { gatewayResponses, integrationResponses } from "../../components/ingest/responses.js";

const text = readFileSync(new URL("../../docs/ingest.md", import.meta.url), "utf8");

/** Text between a heading and the next one of its rank. */
function section(heading: string): string {
  const [, rest = ""] = text.split(`\n## ${heading}\n`);
  const [found = ""] = rest.split("\n## ");
  if (found === "") throw new Error(`docs/ingest.md has no section "${heading}"`);
  return found;
}

describe("docs/ingest.md", () => {
  it("explains every field of the access log, and no other", () => {
    const rows = section("Access log").matchAll(/^\| (`.+?) \|/gm);
    const fields = [...rows].flatMap(([, cell = ""]) =>
      [...cell.matchAll(/`(\w+)`/g)].map(([, name]) => name),
    );

    expect(fields.sort()).toEqual(Object.keys(JSON.parse(accessLogFormat)).sort());
  });

  it("has every status and message that the front door answers with", () => {
    const answers = section("Answers");
    const gateway = Object.values(gatewayResponses()) as Answer[];
    const queued = Object.values(integrationResponses({ name: "a" })) as Answer[];

    for (const { statusCode, responseTemplates } of [...gateway, ...queued]) {
      if (statusCode !== undefined) expect(answers).toContain(`| ${statusCode} |`);
      const [, message] = /"message":"(.+?)"/.exec(responseTemplates["application/json"] ?? "") ?? [];
      if (message !== undefined) expect(answers).toContain(message);
    }
  });
});

interface Answer {
  readonly statusCode?: number | string;
  readonly responseTemplates: Record<string, string>;
}
