import { describe, expect, it } from "vitest";
import { httpIngestSource } from "../../settings/http-ingest.js";
import { allSecrets, lanesOf } from "../../settings/lanes.js";
import { parseSettings, SettingsError, type SettingsInput } from "../../settings/settings.js";

type Subscriber = NonNullable<SettingsInput["sources"][number]["subscribers"]>[number];

const billing: Subscriber = { name: "billing", target: { handler: "billing" } };
const lake: Subscriber = { name: "lake", target: { forward: { url: "https://lake.example.com/hooks" } } };
const stripe = { name: "stripe", signature: { scheme: "stripe" } };
const withSubscribers = (...subscribers: Subscriber[]) => ({ sources: [{ ...stripe, subscribers }] });

function problemsOf(settings: object): readonly string[] {
  try {
    parseSettings({ ...settings });
    return [];
  } catch (error) {
    if (error instanceof SettingsError) return error.problems;
    throw error;
  }
}

function lanes(settings: SettingsInput) {
  return lanesOf(parseSettings({ ...settings }), "webhooks");
}

describe("the subscribers of a source", () => {
  it("get a lane each, whose names no source's lane can have", () => {
    const made = lanes(withSubscribers(billing, lake));

    expect(made.map(({ name, sources, subscribers }) => [name, sources.length, subscribers.length])).toEqual([
      ["webhooks", 1, 0],
      ["webhooks-stripe_to_billing", 0, 1],
      ["webhooks-stripe_to_lake", 0, 1],
    ]);
    expect(made[0]?.handsOverTo).toEqual({
      "stripe.billing": "webhooks-stripe_to_billing",
      "stripe.lake": "webhooks-stripe_to_lake",
    });
    expect(made[0]?.definition.sources[0]?.subscribers).toEqual(["billing", "lake"]);
  });

  it("share a lane where they say so, whose function knows all of them", () => {
    const made = lanes(withSubscribers({ ...billing, queue: "shared" }, { ...lake, queue: "shared" }));

    expect(made.map(({ name }) => name)).toEqual(["webhooks", "webhooks_subscribers"]);
    expect(made[1]?.definition.subscribers?.map(({ name }) => name)).toEqual([
      "stripe.billing",
      "stripe.lake",
    ]);
    expect(made[1]?.definition.sources).toEqual([]);
  });

  it("are told what they need of their source, in plain JSON", () => {
    const filter = { include: ["invoice.*"] };
    const backoff = { baseSeconds: 1, maxSeconds: 2 };
    const schema = { type: "object" };
    const [, { definition } = {}] = lanes({
      sources: [
        {
          ...stripe,
          name: "shop",
          rememberedAs: "store",
          subscribers: [{ ...billing, filter, backoff, schema }],
        },
      ],
    });

    expect(definition?.subscribers).toEqual([
      {
        name: "shop.billing",
        rememberedAs: "store.billing",
        source: "shop",
        signature: expect.objectContaining({ kind: "hmac" }),
        eventType: "json:type",
        target: { handler: "billing" },
        filter,
        backoff,
        schema,
        breaker: { failures: 20, longestSeconds: 300, holdingSeconds: expect.any(Number) },
      },
    ]);
  });

  it("keep order where their source does", () => {
    const made = lanes({ ...withSubscribers(lake), queue: { type: "fifo" } });
    expect(made.map(({ name, type }) => [name, type])).toEqual([
      ["webhooks_fifo", "fifo"],
      ["webhooks-stripe_to_lake_fifo", "fifo"],
    ]);
    expect(made[0]?.handsOverTo).toEqual({ "stripe.lake": "webhooks-stripe_to_lake_fifo" });
  });

  it("get webhooks in their present queue only, also from a queue of the former type", () => {
    const made = lanes({ ...withSubscribers(lake), queue: { type: "fifo", formerType: "standard" } });

    expect(made.map(({ name, handsOverTo }) => [name, Object.values(handsOverTo)])).toEqual([
      ["webhooks_fifo", ["webhooks-stripe_to_lake_fifo"]],
      ["webhooks-stripe_to_lake_fifo", []],
      ["webhooks", ["webhooks-stripe_to_lake_fifo"]],
      ["webhooks-stripe_to_lake", []],
    ]);
    expect(made.map(({ subscribers }) => subscribers.length)).toEqual([0, 1, 0, 0]);
  });

  it("have a secret of their own each to sign with", () => {
    const signing = { forward: { url: "https://a.example.com", signing: "standard-webhooks" as const } };
    const settings = withSubscribers({ ...lake, target: signing });

    expect(lanes(settings)[1]?.secrets.map(({ key }) => key)).toEqual(["stripe.lake-forward"]);
    expect(allSecrets(parseSettings({ ...settings })).map(({ key }) => key)).toEqual([
      "stripe",
      "stripe.lake-forward",
    ]);
  });

  it("get through an HTTP API what their filters and targets read", () => {
    const forward = { url: "https://a.example.com/{header:x-tenant}" };
    const filter = { pattern: { headers: { "x-kind": ["a"] }, query: { at: ["b"] } } };
    const settings = withSubscribers({ ...lake, target: { forward }, filter });
    const [source] = parseSettings({ ...settings, api: { kind: "http" } }).sources;

    expect(source && httpIngestSource(source)).toMatchObject({
      headers: expect.arrayContaining(["x-tenant", "x-kind", "stripe-signature"]),
      queryParameters: ["at"],
    });
  });

  it("change nothing for other sources", () => {
    const before = lanes({ sources: [stripe] });
    expect(JSON.stringify(before.map(({ definition }) => definition))).not.toContain("subscribers");
  });
});

describe("a retiring subscriber", () => {
  it("gets nothing new, and its lane works off what waits", () => {
    const made = lanes(withSubscribers(billing, { ...lake, retiring: true }));

    expect(made[0]?.handsOverTo).toEqual({ "stripe.billing": "webhooks-stripe_to_billing" });
    expect(made[0]?.definition.sources[0]?.subscribers).toEqual(["billing"]);
    expect(made[2]).toMatchObject({ name: "webhooks-stripe_to_lake", subscribers: [] });
    expect(made[2]?.definition.subscribers).toHaveLength(1);
  });

  it("that is the last one gives the source its webhooks back", () => {
    const made = lanes(withSubscribers({ ...lake, retiring: true }));
    expect(made[0]?.definition.sources[0]).not.toHaveProperty("subscribers");
  });

  it("works on what its retiring source still hands over", () => {
    const made = lanes({
      sources: [
        { ...stripe, retiring: true, subscribers: [lake] },
        { ...stripe, name: "other" },
      ],
    });
    expect(made[0]?.handsOverTo).toEqual({ "stripe.lake": "webhooks-stripe_to_lake" });
    expect(made[1]?.subscribers).toEqual([]);
  });
});

describe("settings of subscribers that cannot work", () => {
  const many = Array.from({ length: 26 }, (_, index) => ({ ...lake, name: `lake-${index}` }));

  it.each<[what: string, settings: object, problem: string]>([
    [
      "a name twice",
      withSubscribers(lake, lake),
      'subscribers[1].name: "lake" is already the name of subscribers[0]',
    ],
    ["none", withSubscribers(), "subscribers: must name at least one subscriber"],
    [
      "more than Lambda's and SQS's work is worth",
      withSubscribers(...many),
      "subscribers: must be at most 25 subscribers",
    ],
    [
      "no target",
      withSubscribers({ ...lake, target: {} }),
      "target: must have exactly one of handler, forward",
    ],
    [
      "two targets",
      withSubscribers({ ...lake, target: { ...lake.target, handler: "lake" } }),
      "target: must have exactly one of handler, forward",
    ],
    [
      "forward beside them",
      { sources: [{ ...stripe, forward: { url: "https://a.example.com" }, subscribers: [lake] }] },
      "sources[0].forward: has no effect with subscribers",
    ],
    [
      "routes beside them",
      { sources: [{ ...stripe, routes: { default: "record" }, subscribers: [lake] }] },
      "sources[0].routes: has no effect with subscribers",
    ],
    [
      "a breaker beside them",
      { sources: [{ ...stripe, breaker: { failures: 5 }, subscribers: [lake] }] },
      "sources[0].breaker: has no effect with subscribers",
    ],
    [
      "a filter without event types",
      {
        sources: [
          {
            name: "crm",
            signature: { scheme: "none" },
            eventId: ["body"],
            subscribers: [{ ...lake, filter: { include: ["a"] } }],
          },
        ],
      },
      "subscribers[0].filter: needs eventType",
    ],
    [
      "a target slower than the function",
      withSubscribers({ ...lake, target: { forward: { url: "https://a.example.com", timeoutSeconds: 60 } } }),
      "sources[0].subscribers[0].target.forward.timeoutSeconds: must be at most 24 with processor.timeoutSeconds 30",
    ],
    [
      "a queue that it moves to and from",
      withSubscribers({ ...lake, formerQueue: "dedicated" }),
      "subscribers[0].formerQueue: must differ from queue",
    ],
    [
      "a move while the type of queue changes",
      {
        ...withSubscribers({ ...lake, formerQueue: "shared" }),
        queue: { type: "fifo", formerType: "standard" },
      },
      "subscribers[0].formerQueue: must wait until queue.formerType is gone",
    ],
    [
      "a secret given up that is still needed",
      withSubscribers({
        ...lake,
        target: { forward: { url: "https://a.example.com", signing: "standard-webhooks" } },
        formerSecrets: ["forward"],
      }),
      "subscribers[0].formerSecrets: the subscriber still signs what it forwards",
    ],
    [
      "no way out of a VPC",
      { ...withSubscribers(lake), processor: { vpc: { kind: "new" } } },
      "sources[0].subscribers[0].target.forward: needs processor.vpc.natGateway",
    ],
  ])("%s", (_, settings, problem) => {
    expect(problemsOf(settings)).toEqual(expect.arrayContaining([expect.stringContaining(problem)]));
  });
});
