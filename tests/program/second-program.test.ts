import { readGraph } from "local-aws";
import { describe, expect, it } from "vitest";
import { readProgram } from "../../local/program.js";
import { synthesize } from "../../local/synth.js";

interface Synthesized {
  readonly resources: readonly { readonly name: string; readonly parent?: string }[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

const project = "hooks-of-a-team";

/** What the other team's program registers and exports. */
async function synthesizeOther(): Promise<Synthesized> {
  return (await synthesize(
    await readGraph({ program: "tests/fixtures/second-program", stack: "same" }),
  )) as Synthesized;
}

/** What a stage of this project registers and exports that has the same settings. */
async function synthesizeOwn(): Promise<Synthesized> {
  const stageFile = "tests/fixtures/second-program/Pulumi.same.yaml";
  return (await synthesize(await readProgram({ stack: "same", stageFile }))) as Synthesized;
}

/** Without what Pulumi ends names with, and without the hashes of texts in which names stand: the API's document, the archive. */
function withoutHashes({ resources }: Synthesized): string {
  return JSON.stringify(resources)
    .replaceAll(/"(content|sha256)":"[0-9a-f]{64}"/g, '"$1":"<hash>"')
    .replaceAll(/"name":"secret-names.json","bytes":\d+/g, '"name":"secret-names.json"')
    .replaceAll(/(hooks-[a-z0-9-]+)-[0-9a-f]{7}\b/g, "$1-<random>");
}

function withOwnNames(other: Synthesized): string {
  return withoutHashes(other)
    .replaceAll(project, "webhook-pipeline")
    .replaceAll(/(?<![wW]eb)hooks/g, "webhooks");
}

describe("a pipeline in another team's program", () => {
  it("is the same as one of this project, under its own names", async () => {
    const own = await synthesizeOwn();
    const other = await synthesizeOther();

    expect(JSON.parse(withOwnNames(other))).toEqual(JSON.parse(withoutHashes(own)));
    expect(other.outputs.endpoints).toEqual({
      github: "https://hooks-api.execute-api.eu-west-1.amazonaws.com/v1/webhooks/github",
      crm: "https://hooks-api.execute-api.eu-west-1.amazonaws.com/v1/webhooks/crm",
    });
  });
});
