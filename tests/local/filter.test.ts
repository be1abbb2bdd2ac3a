import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable } from "node:stream";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { runCommand } from "../../local/commands.js";

/** Runs `npm run -s filter` in this process, with a webhook on standard input. */
async function filter(webhook: unknown, ...args: string[]) {
  const [stdout, stderr] = [new PassThrough(), new PassThrough()];
  const input = typeof webhook === "string" ? webhook : JSON.stringify(webhook);
  const code = await runCommand(["filter", ...args], { stdin: Readable.from([input]), stdout, stderr });
  return { code, stdout: await text(stdout.end()), stderr: await text(stderr.end()) };
}

const over100 = '{"body":{"total":[{"numeric":[">",100]}]}}';

describe("npm run filter", () => {
  it("says that a webhook fits a pattern, and with which values", async () => {
    expect(await filter({ body: { total: 500 } }, over100)).toEqual({
      code: 0,
      stdout: "match\n  body.total was 500, needs > 100\n",
      stderr: "",
    });
  });

  it("says why one does not, with another exit code", async () => {
    expect(await filter({ body: { total: 5 } }, over100)).toEqual({
      code: 3,
      stdout: "no match: body.total was 5, needs > 100\n",
      stderr: "",
    });
  });

  it("answers in JSON for machines", async () => {
    const { code, stdout } = await filter({ body: { total: 5 } }, over100, "--json");
    expect([code, JSON.parse(stdout)]).toEqual([3, { match: false, why: ["body.total was 5, needs > 100"] }]);
  });

  it("knows all parts of a webhook, and headers by their names in any case", async () => {
    const webhook = {
      source: "shop",
      type: "order.paid",
      method: "POST",
      headers: { "X-Shop": "a", "x-shop": ["b", "c"], constructor: "d" },
      query: { page: "1" },
      body: [1],
    };
    const pattern = {
      source: ["shop"],
      type: [{ prefix: "order." }],
      method: ["POST"],
      headers: { "x-SHOP": ["c"], constructor: ["d"] },
      query: { page: ["1"] },
      body: [1],
    };
    expect(await filter(webhook, JSON.stringify(pattern))).toMatchObject({ code: 0 });
    expect(await filter({}, '{"type":[{"exists":false}]}')).toMatchObject({ code: 0 });
  });

  it("keeps the digits of large numbers", async () => {
    const pattern = '{"body":{"id":[9007199254740991]}}';
    expect(await filter('{"body":{"id":9007199254740991}}', pattern)).toMatchObject({ code: 0 });
    expect(await filter('{"body":{"id":9007199254740991.0}}', pattern)).toMatchObject({ code: 3 });
  });

  it.each<[string, string[], RegExp]>([
    ["no pattern", [], /^usage: npm run -s filter -- '<pattern>' < webhook\.json, or /],
    ["two patterns", [over100, over100], /^usage: /],
    ["a pattern and a source", [over100, "--source", "shop"], /^usage: /],
    [
      "an unknown option",
      ["--sauce", "shop"],
      /^Unknown option '--sauce' \(options: --source, --stack, --file, --json\)$/,
    ],
    ["a pattern that is not JSON", ["{body}"], /^the pattern is not JSON: /],
    [
      "a wrong pattern",
      ['{"body":{"total":[{"numeric":[">","5"]}],"state":"paid"}}'],
      /^the pattern cannot be used:\n {2}pattern\.body\.total\[0\]\.numeric\[1\]: must be a number\n {2}pattern\.body\.state: must be a list/,
    ],
    [
      "a source that the stage does not have",
      ["--source", "shop"],
      /^stage dev has no source "shop" \(sources: /,
    ],
  ])("refuses %s as wrong usage", async (_, args, message) => {
    const { code, stdout, stderr } = await filter({}, ...args);
    expect([code, stdout]).toEqual([2, ""]);
    expect(stderr.trimEnd()).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it("asks for a webhook where nothing is piped in", async () => {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const stdin = Object.assign(new PassThrough(), { isTTY: true });
    expect(await runCommand(["filter", over100], { stdin, stdout, stderr })).toBe(2);
    expect(await text(stderr.end())).toMatch(/^usage: /);
  });

  it.each<[string, RegExp]>([
    ["", /^the webhook is not JSON: /],
    ["[]", /^the webhook must be an object/],
    [
      '{"detail":{}}',
      /^the webhook's detail is not known: it has source, type, method, headers, query and body$/,
    ],
    ['{"type":5}', /^the webhook's type must be a text$/],
    [
      '{"headers":{"a":{"b":"c"}}}',
      /^the webhook's headers must be an object of texts, or of lists of texts/,
    ],
    ['{"query":["a"]}', /^the webhook's query must be an object of texts/],
  ])("fails on the webhook %j, and says what is wrong", async (webhook, message) => {
    const { code, stdout, stderr } = await filter(webhook, over100);
    expect([code, stdout]).toEqual([1, ""]);
    expect(stderr.trimEnd()).toMatch(message);
  });
});

describe("npm run filter for a stage's source", () => {
  let folder: string;
  let file: string;

  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), "webhook-pipeline-test-"));
    file = join(folder, "Pulumi.dev.yaml");
    await writeFile(
      file,
      `config:
  webhook-pipeline:sources:
    - name: shop
      signature: { scheme: none }
      eventId: [json:id]
      eventType: json:type
      redact: [json:customer]
      filter: { exclude: [ping], pattern: { source: [shop], body: { customer: { email: [{ suffix: "@example.com" }] } } } }
    - name: open
      signature: { scheme: none }
      eventId: [json:id]
`,
    );
  });
  afterAll(() => rm(folder, { recursive: true }));

  it("asks its whole filter, and hides what the history would not keep", async () => {
    const source = ["--source", "shop", "--file", file];
    const from = (email: string, type = "order") => ({ type, body: { customer: { email } } });

    expect(await filter(from("ada@example.com"), ...source)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining(
        'source was "shop", needs "shop"\n  body.customer.email was [redacted], needs',
      ),
    });
    expect(await filter(from("ada@example.org"), ...source)).toMatchObject({
      code: 3,
      stdout: 'no match: body.customer.email was [redacted], needs a text that ends with "@example.com"\n',
    });
    expect(await filter(from("ada@example.com", "ping"), ...source)).toMatchObject({
      code: 3,
      stdout: "no match: filter.exclude names its event type, ping\n",
    });
  });

  it("lets everything through where it has no filter by values", async () => {
    expect(await filter({}, "--source", "open", "--file", file)).toMatchObject({ code: 0 });
  });

  it("fails with the mistakes of a stage file", async () => {
    const broken = join(folder, "Pulumi.broken.yaml");
    await writeFile(broken, "config:\n  webhook-pipeline:sources: []\n");
    const { code, stderr } = await filter({}, "--source", "shop", "--file", broken);
    expect([code, stderr]).toEqual([
      1,
      expect.stringMatching(/^the settings have \d problems?:\n {2}sources: /),
    ]);
  });
});
