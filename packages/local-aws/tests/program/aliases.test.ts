import * as pulumi from "@pulumi/pulumi";
import { describe, expect, it } from "vitest";
import { recordProgram } from "../../program/record-program.js";

class Component extends pulumi.ComponentResource {
  constructor(name: string, opts?: pulumi.ComponentResourceOptions) {
    super("test:index:Component", name, {}, opts);
  }
}

const start = "urn:pulumi:test::aliased::";
const place = {
  account: "000000000000",
  region: "eu-west-1",
  endpoint: "https://sqs.eu-west-1.amazonaws.com",
};

/** The aliases of every resource that is built, by its name. */
async function aliasesOf(build: () => object): Promise<Record<string, readonly string[]>> {
  const { resources } = await recordProgram({ project: "aliased", stack: "test", place }, async () => {
    build();
    return {};
  });
  return Object.fromEntries(resources.map(({ name, aliases }) => [name, aliases]));
}

describe("a resource's aliases in the graph", () => {
  it("are none unless the program gives some", async () => {
    const found = await aliasesOf(() => new Component("inner", { parent: new Component("outer") }));

    expect(found).toEqual({ outer: [], inner: [] });
  });

  it("are its URN under another parent, another name, or as it is written", async () => {
    const found = await aliasesOf(() => {
      const outer = new Component("outer");
      return new Component("inner", {
        parent: outer,
        aliases: [
          { parent: pulumi.rootStackResource },
          { name: "before" },
          "urn:pulumi:old::project::test:index:Thing$test:index:Component::x",
        ],
      });
    });

    expect(found.inner).toEqual([
      `${start}test:index:Component::inner`,
      `${start}test:index:Component$test:index:Component::before`,
      "urn:pulumi:old::project::test:index:Thing$test:index:Component::x",
    ]);
  });

  it("come from the parent's too, with the parent's former name in names that start with it", async () => {
    const found = await aliasesOf(() => {
      const outer = new Component("outer", { aliases: [{ name: "former" }] });
      new Component("outer-inner", { parent: outer, aliases: [{ name: "other" }] });
      return new Component("alone", { parent: outer });
    });

    const inside = `${start}test:index:Component$test:index:Component::`;
    expect(found["outer-inner"]).toEqual([`${inside}other`, `${inside}former-inner`]);
    expect(found.alone).toEqual([`${inside}alone`]);
  });
});
