import { describe, expect, it } from "vitest";
import type { SettingsInput } from "../../settings/settings.js";
import { logicalName, planOf, queuesByPath, stageOf } from "../support/plan.js";
import { allowedBy, policyIn, type Registered } from "../support/registered.js";

/** Steps of docs/changing-a-stage.md: what Pulumi would do in each, on a stage that is protected. */

type Source = SettingsInput["sources"][number];

const github: Source = { name: "github", signature: { scheme: "github" } };
const store: Source = { name: "store", signature: { scheme: "stripe" } };
const shop: Source = { ...store, name: "shop", rememberedAs: "store" };
const sources = [github, store];
type Subscriber = NonNullable<Source["subscribers"]>[number];
const lake: Subscriber = { name: "lake", target: { forward: { url: "https://lake.example.com" } } };
const billing: Subscriber = { ...lake, name: "billing" };
const subscribed = (...subscribers: Subscriber[]): Source => ({ ...store, subscribers });
const arn = "arn:aws:acm:eu-west-1:000000000000:certificate/a";

/** Names of resources that hold webhooks or open them, or whose loss a sender would notice. */
const precious = /^(Queue|Table|Bucket|Secret|Key|RestApi|Api|Stage|DomainName|Route|PublicAddress|DataKey) /;

async function stages(...settings: readonly SettingsInput[]): Promise<Registered[]> {
  const made: Registered[] = [];
  for (const one of settings) made.push(await stageOf(one));
  return made;
}

/** Plans of the updates from each stage to the next. */
async function plansOf(...settings: readonly SettingsInput[]) {
  const made = await stages(...settings);
  return made.slice(1).map((after, index) => planOf(made[index] as Registered, after));
}

function preciousOf(resources: readonly string[]): string[] {
  return resources.filter((resource) => precious.test(resource));
}

describe("a change that would lose something is refused before anything happens", () => {
  const forgetful: Record<string, [before: SettingsInput, after: SettingsInput, refused: string[]]> = {
    "a source taken out of the file": [
      { sources },
      { sources: [github] },
      ["Secret webhooks-store-secret", "PublicAddress webhooks-source/store"],
    ],
    "a source with another name": [
      { sources },
      { sources: [github, { ...store, name: "shop" }] },
      ["Secret webhooks-store-secret", "PublicAddress webhooks-source/store"],
    ],
    "a source moved back to the shared queue": [
      { sources: [github, { ...store, queue: "dedicated" }] },
      { sources },
      ["Queue webhooks-store-queue", "Queue webhooks-store-dlq"],
    ],
    "a subscriber taken out of the file": [
      { sources: [subscribed(lake, billing)] },
      { sources: [subscribed(billing)] },
      ["Queue webhooks-store_to_lake-queue", "Queue webhooks-store_to_lake-dlq"],
    ],
    "the other type of queue": [
      { sources },
      { sources, queue: { type: "fifo" } },
      ["Queue webhooks-queue", "Queue webhooks-dlq"],
    ],
    "another prefix": [
      { sources },
      { sources, api: { pathPrefix: "hooks" } },
      ["PublicAddress webhooks-rest/v1/webhooks"],
    ],
    "another stage name": [
      { sources },
      { sources, api: { stageName: "v2" } },
      ["Stage webhooks-api-stage-v1", "PublicAddress webhooks-rest/v1/webhooks"],
    ],
    "the other kind of front door": [
      { sources },
      { sources, api: { kind: "http" } },
      ["RestApi webhooks-api", "Stage webhooks-api-stage-v1", "PublicAddress webhooks-rest/v1/webhooks"],
    ],
    "another API for the routes": [
      { sources, api: { kind: "http", existing: { id: "a1" } } },
      { sources, api: { kind: "http", existing: { id: "b2" } } },
      ["PublicAddress webhooks-http/a1/$default/webhooks"],
    ],
    "a domain given up": [
      { sources, api: { customDomain: { domainName: "hooks.example.com", certificateArn: arn } } },
      { sources },
      [
        "DomainName webhooks-api-domain-hooks.example.com",
        "PublicAddress webhooks-hooks.example.com/webhooks",
      ],
    ],
    "data given back to AWS's keys": [
      { sources, encryption: "customer-key" },
      { sources },
      ["DataKey webhooks-data-key"],
    ],
    "the overflow bucket given up": [
      { sources, history: { overflow: true } },
      { sources, history: { overflow: false } },
      ["Bucket webhooks-overflow"],
    ],
    "a signature that needs no secret": [
      { sources },
      { sources: [github, { ...store, signature: { scheme: "none" }, eventId: ["request-id"] }] },
      ["Secret webhooks-store-secret"],
    ],
  };

  it.each(Object.entries(forgetful))("%s", async (_name, [before, after, refused]) => {
    const [plan] = await plansOf(before, after);

    expect(plan?.refused).toEqual(expect.arrayContaining(refused));
  });

  it("which taking down a protected stage is as well, its front door included", async () => {
    const stage = await stageOf({ sources });

    expect(stage.all("aws:apigateway/restApi:RestApi").map(({ protect }) => protect)).toEqual([true]);
    expect(stage.all("aws:apigateway/stage:Stage").map(({ protect }) => protect)).toEqual([true]);
  });

  it("but not in a stage that protects nothing", async () => {
    const [plan] = await plansOf({ sources, protect: false }, { sources: [github], protect: false });

    expect(plan?.refused).toEqual([]);
  });
});

describe("a change in steps", () => {
  it.each<[name: string, steps: SettingsInput[], gone: string[]]>([
    [
      "removes a source",
      [{ sources }, { sources: [github, { ...store, retiring: true }] }, { sources: [github] }],
      ["Secret webhooks-store-secret", "PublicAddress webhooks-source/store"],
    ],
    [
      "removes a source with a queue of its own",
      [
        { sources: [github, { ...store, queue: "dedicated" }] },
        { sources: [github, { ...store, queue: "dedicated", retiring: true }] },
        { sources: [github] },
      ],
      [
        "Queue webhooks-store-dlq",
        "Queue webhooks-store-queue",
        "Secret webhooks-store-secret",
        "PublicAddress webhooks-source/store",
      ],
    ],
    [
      "renames a source",
      [{ sources }, { sources: [github, { ...shop, formerNames: ["store"] }] }, { sources: [github, shop] }],
      ["PublicAddress webhooks-source/store"],
    ],
    [
      "gives a source the shared queue",
      [
        { sources: [github, { ...store, queue: "dedicated" }] },
        { sources: [github, { ...store, formerQueue: "dedicated" }] },
        { sources },
      ],
      ["Queue webhooks-store-dlq", "Queue webhooks-store-queue"],
    ],
    [
      "gives the last source of the shared queue its own",
      [
        { sources: [store] },
        { sources: [{ ...store, queue: "dedicated", formerQueue: "shared" }] },
        { sources: [{ ...store, queue: "dedicated" }] },
      ],
      ["Queue webhooks-dlq", "Queue webhooks-queue"],
    ],
    [
      "removes a subscriber",
      [
        { sources: [subscribed(lake, billing)] },
        { sources: [subscribed({ ...lake, retiring: true }, billing)] },
        { sources: [subscribed(billing)] },
      ],
      ["Queue webhooks-store_to_lake-dlq", "Queue webhooks-store_to_lake-queue"],
    ],
    [
      "removes a source with its subscribers",
      [
        { sources: [github, subscribed(lake)] },
        { sources: [github, { ...subscribed(lake), retiring: true }] },
        { sources: [github] },
      ],
      [
        "Queue webhooks-store_to_lake-dlq",
        "Queue webhooks-store_to_lake-queue",
        "Secret webhooks-store-secret",
        "PublicAddress webhooks-source/store",
      ],
    ],
    [
      "gives a subscriber a queue of its own",
      [
        { sources: [subscribed({ ...lake, queue: "shared" })] },
        { sources: [subscribed({ ...lake, formerQueue: "shared" })] },
        { sources: [subscribed(lake)] },
      ],
      ["Queue webhooks_subscribers-dlq", "Queue webhooks_subscribers-queue"],
    ],
    [
      "keeps order from now on",
      [
        { sources },
        { sources, queue: { type: "fifo", formerType: "standard" } },
        { sources, queue: { type: "fifo" } },
      ],
      ["Queue webhooks-dlq", "Queue webhooks-queue"],
    ],
    [
      "keeps order no longer",
      [
        { sources, queue: { type: "fifo" } },
        { sources, queue: { type: "standard", formerType: "fifo" } },
        { sources },
      ],
      ["Queue webhooks_fifo-dlq", "Queue webhooks_fifo-queue"],
    ],
    [
      "moves to another prefix",
      [
        { sources },
        { sources, api: { pathPrefix: "hooks", formerPathPrefixes: ["webhooks"] } },
        { sources, api: { pathPrefix: "hooks" } },
      ],
      ["PublicAddress webhooks-rest/v1/webhooks"],
    ],
    [
      "moves an HTTP API to another prefix and stage",
      [
        { sources, api: { kind: "http" } },
        {
          sources,
          api: {
            kind: "http",
            pathPrefix: "hooks",
            formerPathPrefixes: ["webhooks"],
            stageName: "v2",
            formerStageNames: ["$default"],
          },
        },
        { sources, api: { kind: "http", pathPrefix: "hooks", stageName: "v2" } },
      ],
      [
        "PublicAddress webhooks-http/$default/hooks",
        "PublicAddress webhooks-http/$default/webhooks",
        "PublicAddress webhooks-http/v2/webhooks",
        "Route webhooks-http-api-github-route-/webhooks/github",
        "Route webhooks-http-api-store-route-/webhooks/store",
        "Stage webhooks-http-api-stage-$default",
      ],
    ],
    [
      "moves to another stage name",
      [
        { sources },
        { sources, api: { stageName: "v2", formerStageNames: ["v1"] } },
        { sources, api: { stageName: "v2" } },
      ],
      ["PublicAddress webhooks-rest/v1/webhooks", "Stage webhooks-api-stage-v1"],
    ],
    [
      "changes the kind of front door",
      [
        { sources },
        { sources, api: { kind: "http" }, formerApi: { kind: "rest" } },
        { sources, api: { kind: "http" } },
      ],
      ["PublicAddress webhooks-rest/v1/webhooks", "RestApi webhooks-api", "Stage webhooks-api-stage-v1"],
    ],
    [
      "moves to another domain",
      [
        { sources, api: { customDomain: { domainName: "a.example.com", certificateArn: arn } } },
        {
          sources,
          api: {
            customDomain: { domainName: "b.example.com", certificateArn: arn },
            formerCustomDomains: [{ domainName: "a.example.com", certificateArn: arn }],
          },
        },
        { sources, api: { customDomain: { domainName: "b.example.com", certificateArn: arn } } },
      ],
      ["DomainName webhooks-api-domain-a.example.com", "PublicAddress webhooks-a.example.com/webhooks"],
    ],
    [
      "gives a domain up",
      [
        { sources, api: { customDomain: { domainName: "a.example.com", certificateArn: arn } } },
        { sources, api: { formerCustomDomains: [{ domainName: "a.example.com", certificateArn: arn }] } },
        { sources },
      ],
      ["DomainName webhooks-api-domain-a.example.com", "PublicAddress webhooks-a.example.com/webhooks"],
    ],
    [
      "gives the customer key up",
      [{ sources, encryption: "customer-key" }, { sources, formerEncryption: "customer-key" }, { sources }],
      ["DataKey webhooks-data-key"],
    ],
    [
      "gives the overflow bucket up",
      [
        { sources, history: { overflow: true } },
        { sources, history: { overflow: "retiring" } },
        { sources, history: { overflow: false } },
      ],
      ["Bucket webhooks-overflow"],
    ],
    [
      "gives a secret up",
      [
        { sources },
        {
          sources: [
            github,
            {
              ...store,
              signature: { scheme: "none" },
              eventId: ["request-id"],
              formerSecrets: ["signature"],
            },
          ],
        },
        { sources: [github, { ...store, signature: { scheme: "none" }, eventId: ["request-id"] }] },
      ],
      ["Secret webhooks-store-secret"],
    ],
  ])("%s, and deletes nothing that matters before the last", async (_name, steps, gone) => {
    const plans = await plansOf(...steps);

    expect(plans.map(({ refused }) => refused)).toEqual(plans.map(() => []));
    expect(preciousOf(plans[0]?.deleted ?? [])).toEqual([]);
    expect(preciousOf(plans.at(-1)?.deleted ?? []).sort()).toEqual(gone.sort());
  });
});

describe("a stage deployed before it had an overflow bucket by default", () => {
  it("gets the bucket with its next update, and nothing of it is replaced or deleted", async () => {
    const [plan] = await plansOf({ sources, history: { overflow: false } }, { sources });

    expect(plan?.created.toSorted()).toEqual([
      "Bucket webhooks-overflow",
      "BucketLifecycleConfiguration webhooks-overflow-expiry",
      "BucketOwnershipControls webhooks-overflow-ownership",
      "BucketPolicy webhooks-overflow-policy",
      "BucketPublicAccessBlock webhooks-overflow-access",
      "BucketServerSideEncryptionConfiguration webhooks-overflow-encryption",
    ]);
    expect(plan).toMatchObject({ renamed: [], deleted: [], refused: [] });
  });
});

describe("a renamed source", () => {
  const renaming = { ...shop, queue: "dedicated" as const, formerNames: ["store"] };

  it("keeps its secret, its queue and its function, and gets a path beside its old one", async () => {
    const [before, after] = await stages(
      { sources: [github, { ...store, queue: "dedicated" }] },
      { sources: [github, renaming] },
    );
    const plan = planOf(before as Registered, after as Registered);

    expect(plan.created).toEqual(["PublicAddress webhooks-source/shop"]);
    expect(plan.deleted).toEqual([]);
    expect(queuesByPath(after as Registered)).toEqual({
      "/webhooks/github": "webhooks-queue",
      "/webhooks/shop": "webhooks-store-queue",
      "/webhooks/store": "webhooks-store-queue",
    });
  });

  it("is told to the queue and to the history by its first name, on both paths", async () => {
    const { one } = await stageOf({ sources: [github, renaming] });
    const { paths } = JSON.parse(String(one("aws:apigateway/restApi:RestApi").inputs.body));
    const template = (path: string) =>
      paths[path].post["x-amazon-apigateway-integration"].requestTemplates["application/json"];

    expect(template("/webhooks/shop")).toContain(encodeURIComponent('"s":"store"'));
    expect(template("/webhooks/store")).toBe(template("/webhooks/shop"));
  });
});

describe("a queue that is worked off", () => {
  const draining: SettingsInput = {
    sources: [github, { ...store, queue: "dedicated" }],
    queue: { type: "fifo", formerType: "standard" },
  };

  it("keeps its function, its alarms and its place in the gateway's permissions, and gets no webhook", async () => {
    const stage = await stageOf(draining);

    expect(Object.values(queuesByPath(stage))).toEqual([
      "webhooks_fifo-queue.fifo",
      "webhooks-store_fifo-queue.fifo",
    ]);
    expect(
      stage
        .all("aws:lambda/eventSourceMapping:EventSourceMapping")
        .map(({ name }) => name)
        .sort(),
    ).toEqual([
      "webhooks-processor-source",
      "webhooks-store-processor-source",
      "webhooks-store_fifo-processor-source",
      "webhooks_fifo-processor-source",
    ]);
    expect(stage.all("aws:cloudwatch/metricAlarm:MetricAlarm").map(({ name }) => name)).toEqual(
      expect.arrayContaining(["webhooks-dead-letters", "webhooks_fifo-dead-letters"]),
    );
    // Until the API is deployed anew, requests still go to the former queues.
    const policy = stage.one("aws:iam/rolePolicy:RolePolicy", "webhooks-api-role-policy");
    expect(allowedBy(policyIn(policy)).map(logicalName)).toEqual([
      "webhooks_fifo-queue.fifo",
      "webhooks-store_fifo-queue.fifo",
      "webhooks-queue",
      "webhooks-store-queue",
    ]);
  });

  it("of the type that a stage had in the last release is found under its former name", async () => {
    const { one } = await stageOf({ sources, queue: { type: "fifo" } });

    expect(one("aws:sqs/queue:Queue", "webhooks_fifo-queue").aliases).toEqual(
      expect.arrayContaining([expect.stringMatching(/WebhookQueue\$aws:sqs\/queue:Queue::webhooks-queue$/)]),
    );
  });
});

describe("a former address", () => {
  it("has the limits, the allowed addresses and the alarms of the present one", async () => {
    const limited = {
      ...store,
      throttling: { requestsPerSecond: 1, burst: 1 },
      allowedCidrs: ["192.0.2.0/24"],
    };
    const { one, all } = await stageOf({
      sources: [github, limited],
      api: {
        stageName: "v2",
        formerStageNames: ["v1"],
        pathPrefix: "hooks",
        formerPathPrefixes: ["webhooks"],
      },
    });
    const document = JSON.parse(String(one("aws:apigateway/restApi:RestApi").inputs.body));

    expect(document["x-amazon-apigateway-policy"].Statement[1].Resource).toEqual([
      "execute-api:/v2/*/hooks/store",
      "execute-api:/v2/*/webhooks/store",
      "execute-api:/v1/*/hooks/store",
      "execute-api:/v1/*/webhooks/store",
    ]);
    expect(
      all("aws:apigateway/methodSettings:MethodSettings")
        .map(({ inputs }) => `${inputs.stageName} ${inputs.methodPath}`)
        .sort(),
    ).toEqual([
      "v1 */*",
      "v1 ~1hooks~1store/POST",
      "v1 ~1webhooks~1store/POST",
      "v2 */*",
      "v2 ~1hooks~1store/POST",
      "v2 ~1webhooks~1store/POST",
    ]);
    expect(
      one("aws:cloudwatch/metricAlarm:MetricAlarm", "webhooks-former-v1-api-server-errors").inputs.dimensions,
    ).toMatchObject({ Stage: "v1" });
  });
});

describe("the order of an update", () => {
  it("lets nobody encrypt before all who read and write may use the key", async () => {
    const { resources } = await stageOf({
      sources: [github, { ...store, queue: "dedicated" }],
      encryption: "customer-key",
      history: { overflow: true },
    });
    const order = resources.map(({ name }) => name);
    const policies = order.filter((name) => name.endsWith("-key-policy"));
    const encrypted = resources.flatMap(({ type, name }) =>
      /:(Queue|Table|BucketServerSideEncryptionConfiguration)$/.test(type) ? [order.indexOf(name)] : [],
    );

    expect(policies.sort()).toEqual([
      "webhooks-api-role-key-policy",
      "webhooks-processor-role-key-policy",
      "webhooks-store-processor-role-key-policy",
    ]);
    expect(Math.min(...encrypted)).toBeGreaterThan(
      Math.max(...policies.map((policy) => order.indexOf(policy))),
    );
  });

  it.each([
    ["rest" as const, "aws:apigateway/deployment:Deployment"],
    ["http" as const, "aws:apigatewayv2/integration:Integration"],
  ])("teaches the functions a new source before the front door (%s) lets it in", async (kind, type) => {
    const { resources } = await stageOf({ sources, api: { kind } });
    const places = (wanted: string) =>
      resources.flatMap((resource, index) => (resource.type === wanted ? [index] : []));

    expect(Math.min(...places(type))).toBeGreaterThan(Math.max(...places("aws:lambda/function:Function")));
  });
});

describe("a shorter time to live", () => {
  it("leaves large payloads in the bucket as long as the items that point to them live", async () => {
    const { one } = await stageOf({
      sources,
      history: { ttlDays: 30, formerTtlDays: 90, overflow: true },
    });

    expect(
      one("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration").inputs.rules,
    ).toMatchObject([{ expiration: { days: 90 } }]);
  });
});

describe("an overflow bucket given up", () => {
  it("may be written to for as long as a function can be running that was told to", async () => {
    const made = await stages(
      { sources, history: { overflow: true } },
      { sources, history: { overflow: "retiring" } },
      { sources, history: { overflow: false } },
    );
    const uses = made.map(({ one }) =>
      allowedBy(policyIn(one("aws:iam/rolePolicy:RolePolicy", "webhooks-processor-role-policy"))).filter(
        (allowed) => allowed.startsWith("s3:"),
      ),
    );

    expect(uses[0]).toContainEqual(expect.stringMatching(/^s3:PutObject on /));
    expect(uses[1]).toEqual(uses[0]);
    expect(uses[2]).toEqual([]);
  });
});

describe("a VPC given up", () => {
  it("is left by the function first, and stays until the network interfaces are gone", async () => {
    const vpc = { kind: "new" as const };
    const [inside, leaving, outside] = await stages(
      { sources, processor: { vpc } },
      { sources, processor: { vpc: { ...vpc, retiring: true } } },
      { sources },
    );
    const first = planOf(inside as Registered, leaving as Registered);

    expect(first).toMatchObject({ created: [], deleted: [] });
    expect(leaving?.one("aws:lambda/function:Function").inputs).not.toHaveProperty("vpcConfig");
    expect(planOf(leaving as Registered, outside as Registered).deleted).toEqual(
      expect.arrayContaining(["Vpc webhooks-vpc", "RolePolicy webhooks-processor-role-vpc-policy"]),
    );
  });
});
