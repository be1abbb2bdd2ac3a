import { describe, expect, it } from "vitest";
import { outOfReach, warningsOf } from "../../settings/rules.js";
import { parseSettings, rawSettings } from "../../settings/settings.js";

const github = { name: "github", signature: { scheme: "github" } };
const forwarding = (forward: object) => [{ ...github, forward }];
const vpc = (settings: object = {}) => ({ vpc: { kind: "new", ...settings } });
const tags = (count: number) =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`tag-${at}`, "x"]));

describe("settings that cannot work", () => {
  it.each<[string, object, RegExp]>([
    [
      "a forward out of a VPC without a way out",
      { sources: forwarding({ url: "https://a.example/" }), processor: vpc() },
      /sources\[0\]\.forward: needs processor\.vpc\.natGateway/,
    ],
    [
      "a forward to a port that the VPC shuts",
      { sources: forwarding({ url: "https://a.example:8443/" }), processor: vpc({ natGateway: true }) },
      /leads to port 8443/,
    ],
    [
      "keys that are fetched out of a VPC without a way out",
      { sources: [{ name: "plaid", signature: { scheme: "plaid" } }], processor: vpc() },
      /sources\[0\]\.signature: needs processor\.vpc\.natGateway/,
    ],
    [
      "keys at a port that the VPC shuts",
      {
        sources: [{ name: "a", signature: { scheme: "fusionauth", keysUrl: "https://a.example:9011/keys" } }],
        processor: vpc({ natGateway: true }),
      },
      /sources\[0\]\.signature\.keysUrl: leads to port 9011/,
    ],
    [
      "a forward to a private address",
      { sources: forwarding({ url: "https://10.0.0.7/{json:id}" }) },
      /leads to 10\.0\.0\.7/,
    ],
    [
      "a forward to a private IPv6 address",
      { sources: forwarding({ url: "https://[fd00::1]/" }) },
      /leads to fd00::1/,
    ],
    [
      "a forward to the machine itself",
      { sources: forwarding({ url: "https://localhost/hooks" }) },
      /leads to localhost/,
    ],
    [
      "a function that has no time to start a webhook",
      { sources: [github], processor: { timeoutSeconds: 1 } },
      /processor\.timeoutSeconds: must be at least 2: the function starts no webhook in its last 1 s/,
    ],
    [
      "a batch that is larger than what is handled at once",
      { sources: [github], processor: { batchSize: 1_000, batchWindowSeconds: 1 } },
      /processor\.batchSize: 1000 webhooks may not be worked off: 10 are handled at the same time/,
    ],
    [
      "a batch of one group that its deliveries may not be enough for",
      { sources: [github], queue: { type: "fifo", maxReceiveCount: 4 }, processor: { batchSize: 5 } },
      /processor\.batchSize: 5 webhooks of one group may not be worked off in 4 deliveries/,
    ],
    [
      "the same while a FIFO queue is only worked off",
      { sources: [github], queue: { formerType: "fifo", maxReceiveCount: 4 }, processor: { batchSize: 5 } },
      /processor\.batchSize: 5 webhooks of one group/,
    ],
    [
      "a forward that takes longer than what the function leaves it",
      {
        sources: forwarding({ url: "https://a.example/", timeoutSeconds: 9 }),
        processor: { timeoutSeconds: 10 },
      },
      /sources\[0\]\.forward\.timeoutSeconds: must be at most 8 with processor\.timeoutSeconds 10: .* the other 2 s/,
    ],
    ["51 tags", { sources: [github], tags: tags(51) }, /tags: must be at most 50 tags/],
    ["a tag's key that AWS refuses", { sources: [github], tags: { "team#1": "x" } }, /team#1/],
    ["a tag's value that AWS refuses", { sources: [github], tags: { team: "a;b" } }, /tags\.team/],
    ["a tag in AWS's own name", { sources: [github], tags: { "AWS:team": "x" } }, /not start with aws:/],
  ])("are refused: %s", (_, settings, message) => {
    expect(() => parseSettings(settings as Record<string, unknown>)).toThrow(message);
  });

  it.each([
    ["50 tags in other alphabets", { tags: { ...tags(49), équipe: "paiements (EU)".replace(/[()]/g, "") } }],
    [
      "a forward through a NAT gateway",
      { sources: forwarding({ url: "https://a.example/" }), processor: vpc({ natGateway: true }) },
    ],
    [
      "a forward that may be private",
      { sources: forwarding({ url: "http://localhost/", allowPrivateNetwork: true }) },
    ],
  ])("are not %s", (_, settings) => {
    expect(() => parseSettings({ sources: [github], ...settings } as Record<string, unknown>)).not.toThrow();
  });

  it("are told by name where a text begins like JSON and is none, without a stack trace", () => {
    expect(() => rawSettings({ "hooks:alarms": '{"email": [' }, "hooks")).toThrow(
      expect.objectContaining({
        name: "SettingsError",
        message: expect.stringMatching(/alarms: begins like JSON and is not JSON/),
      }),
    );
  });
});

describe("settings that are seldom meant", () => {
  it("are warned of: alarms that tell nobody, and a first failure that is the last", () => {
    const both = warningsOf(parseSettings({ sources: [github], queue: { maxReceiveCount: 1 } }));
    const none = warningsOf(parseSettings({ sources: [github], alarms: { email: ["a@b.example"] } }));

    expect(both).toEqual([
      expect.stringMatching(/^alarms: nobody/),
      expect.stringMatching(/^queue\.maxReceiveCount: 1 /),
    ]);
    expect(none).toEqual([]);
  });
});

describe("an AWS target", () => {
  const subscriber = (name: string, target: object) => ({ name, target });
  const stage = (natGateway: boolean) =>
    parseSettings({
      sources: [
        {
          ...github,
          subscribers: [
            subscriber("here", { topic: "arn:aws:sns:eu-west-1:123456789012:orders" }),
            subscriber("there", { topic: "arn:aws:sns:eu-central-1:123456789012:orders" }),
            subscriber("hook", { handler: "orders" }),
          ],
        },
      ],
      events: { bus: "arn:aws:events:us-east-1:123456789012:event-bus/ops" },
      processor: vpc({ natGateway }),
    });

  it("in another Region is out of reach of a VPC that has private endpoints alone, and so is the bus of events", () => {
    expect(outOfReach(stage(false), "eu-west-1")).toEqual([
      expect.stringMatching(
        /^sources\[0\]\.subscribers\[1\]\.target\.topic: is in eu-central-1, .* in eu-west-1 alone\. Set processor\.vpc\.natGateway$/,
      ),
      expect.stringMatching(/^events\.bus: is in us-east-1/),
    ]);
  });

  it("is within reach through a NAT gateway, and without a VPC", () => {
    expect(outOfReach(stage(true), "eu-west-1")).toEqual([]);
    expect(
      outOfReach({ ...stage(false), processor: parseSettings({ sources: [github] }).processor }, "eu-west-1"),
    ).toEqual([]);
  });

  it("with a bus called by its name is in the stack's Region", () => {
    const settings = parseSettings({ sources: [github], events: { bus: "ops" }, processor: vpc() });
    expect(outOfReach(settings, "us-east-1")).toEqual([]);
  });
});

describe("a batch", () => {
  it.each<[string, object, number]>([
    ["is of ten webhooks", {}, 10],
    ["is no larger than what is handled at once", { processor: { concurrency: 3 } }, 3],
    ["of a FIFO queue is no larger than its deliveries", { queue: { type: "fifo", maxReceiveCount: 4 } }, 4],
    ["of a standard queue may be", { queue: { maxReceiveCount: 4 } }, 10],
  ])("%s by default", (_, settings, batchSize) => {
    expect(parseSettings({ sources: [github], ...settings }).processor.batchSize).toBe(batchSize);
  });
});
