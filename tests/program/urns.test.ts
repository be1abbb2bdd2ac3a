import { describe, expect, it } from "vitest";
import { readProgram } from "../../local/program.js";
import lastRelease from "../fixtures/urns-of-last-release.json" with { type: "json" };

/**
 * A resource that is found under neither its URN nor an alias is made anew and the old one deleted: a queue with the webhooks
 * in it, an API with the address that senders know.
 */
describe.each(Object.entries(lastRelease))("stage %s, deployed by the last release", (stack, urns) => {
  it("finds every resource again", async () => {
    const stageFile = ["dev", "prod"].includes(stack)
      ? {}
      : { stageFile: `tests/fixtures/Pulumi.${stack}.yaml` };
    const { resources } = await readProgram({ stack, ...stageFile });

    const found = new Set(resources.flatMap(({ urn, aliases }) => [urn, ...aliases]));
    expect(urns.filter((urn) => !found.has(urn))).toEqual([]);
  });
});
