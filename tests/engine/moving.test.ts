import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { copyOfRepository, EngineStack, noEngine, type Run, type Settings } from "../support/engine/stack.js";

/** Two protected stages that move out of what they have, in the two updates of docs/changing-a-stage.md, carried out. */

interface Move {
  readonly before: Settings;
  readonly during: Settings;
  readonly after: Settings;
}

const github = { name: "github", signature: { scheme: "github" } };
const store = { name: "store", signature: { scheme: "stripe" } };

const toAnotherApiAndOtherQueues: Move = {
  before: { sources: [github, { ...store, queue: "dedicated" }] },
  during: {
    sources: [
      { ...github, queue: "dedicated" },
      { ...store, queue: "shared", formerQueue: "dedicated" },
    ],
    api: { kind: "http" },
    formerApi: { kind: "rest" },
  },
  after: { sources: [{ ...github, queue: "dedicated" }, store], api: { kind: "http" } },
};

const domain = (domainName: string) => ({
  domainName,
  certificateArn: "arn:aws:acm:eu-west-1:000000000000:certificate/11111111-2222-3333-4444-555555555555",
});

const toAnotherDomainWithoutVpcAndBucket: Move = {
  before: {
    sources: [github],
    api: { customDomain: domain("old.example.com") },
    processor: { vpc: { kind: "new" } },
    history: { overflow: true },
  },
  during: {
    sources: [github],
    api: { customDomain: domain("new.example.com"), formerCustomDomains: [domain("old.example.com")] },
    processor: { vpc: { kind: "new", retiring: true } },
    history: { overflow: "retiring" },
  },
  after: {
    sources: [github],
    api: { customDomain: domain("new.example.com") },
    history: { overflow: false },
  },
};

describe.skipIf(noEngine)("a protected stage that moves", () => {
  const stacks: EngineStack[] = [];
  /** The first and the second update of each. */
  const runs = new Map<Move, readonly [Run, Run]>();

  const carryOut = async (name: string, move: Move): Promise<void> => {
    const stack = new EngineStack(copyOfRepository(), name);
    stacks.push(stack);
    await stack.init();
    expect((await stack.up(move.before)).problems).toEqual([]);
    const first = await stack.up(move.during);
    expect(first.problems).toEqual([]);
    const second = await stack.up(move.after);
    expect(second.problems).toEqual([]);
    runs.set(move, [first, second]);
  };

  beforeAll(async () => {
    await Promise.all([
      carryOut("api", toAnotherApiAndOtherQueues),
      carryOut("domain", toAnotherDomainWithoutVpcAndBucket),
    ]);
  });
  afterAll(() => {
    for (const stack of stacks) stack.remove();
  });

  const first = (move: Move) => found(runs.get(move))[0];
  const second = (move: Move) => found(runs.get(move))[1];

  describe("to the other kind of API, with sources that change queues", () => {
    const move = toAnotherApiAndOtherQueues;

    it("takes nothing away at first but the API's snapshot", () => {
      expect(takenAway(first(move))).toEqual(["Deployment webhooks-api-deployment"]);
    });

    it.each([
      ["present", "Integration webhooks-http-api-github"],
      ["former", "Deployment webhooks-api-deployment"],
    ])(
      "lets webhooks into a new queue by the %s API after all that handles them is ready",
      (_api, opening) => {
        for (const ready of [
          "RolePolicy webhooks-api-role-policy",
          "RolePolicy webhooks-http-api-role-policy",
          "Function webhooks-github-processor",
        ]) {
          expect(first(move).endedBeforeBegin(ready, opening), ready).toBe(true);
        }
      },
    );

    it("then takes away the former API and the former queue, and nothing of the present ones", () => {
      const gone = takenAway(second(move));

      expect(gone).toEqual(
        expect.arrayContaining([
          "PublicAddress webhooks-rest/v1/webhooks",
          "RestApi webhooks-api",
          "Stage webhooks-api-stage-v1",
          "Queue webhooks-store-queue",
          "Queue webhooks-store-dlq",
          "Function webhooks-store-processor",
        ]),
      );
      expect(gone.filter((resource) => /http|github|Secret|Table/.test(resource))).toEqual([]);
    });

    it("takes the former queue away after the API that could still lead to it", () => {
      expect(second(move).endedBeforeBegin("Stage webhooks-api-stage-v1", "Queue webhooks-store-queue")).toBe(
        true,
      );
    });
  });

  describe("to another domain, out of its VPC and out of its overflow bucket", () => {
    const move = toAnotherDomainWithoutVpcAndBucket;

    it("takes nothing away at first, and leaves the function its permissions", () => {
      const { steps } = first(move);

      expect(takenAway(first(move))).toEqual([]);
      expect(steps).toContainEqual({
        op: "create",
        resource: "DomainName webhooks-api-domain-new.example.com",
      });
      expect(steps).toContainEqual({ op: "update", resource: "Function webhooks-processor" });
      expect(steps.filter(({ resource }) => resource.startsWith("RolePolicy "))).toEqual([]);
    });

    it("then takes away what is former, and nothing else", () => {
      const gone = takenAway(second(move));

      expect(gone).toEqual(
        expect.arrayContaining([
          "DomainName webhooks-api-domain-old.example.com",
          "BasePathMapping webhooks-api-domain-mapping-old.example.com/",
          "Bucket webhooks-overflow",
          "Vpc webhooks-vpc",
          "RolePolicy webhooks-processor-role-vpc-policy",
        ]),
      );
      expect(gone.filter((resource) => /new\.example|RestApi|Stage|Function/.test(resource))).toEqual([]);
    });

    it("takes the bucket away after the function has learnt that there is none", () => {
      expect(second(move).endedBeforeBegin("Function webhooks-processor", "Bucket webhooks-overflow")).toBe(
        true,
      );
    });
  });
});

/** What an update deleted, or replaced by another. */
function takenAway({ steps }: Run): string[] {
  const gone = steps.filter(({ op }) => /delete|replace/.test(op)).map(({ resource }) => resource);
  return [...new Set(gone)].sort();
}

function found<Value>(value: Value | undefined): Value {
  if (value === undefined) throw new Error("the stage has not moved");
  return value;
}
