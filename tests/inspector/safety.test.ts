import { request as httpRequest } from "node:http";
import { networkInterfaces } from "node:os";
import { afterAll, describe, expect, it } from "vitest";
import { paths } from "../../inspector/contract.js";
import { serve } from "../../inspector/http/serve.js";

let opened = 0;
const inspector = await serve({
  port: 0,
  inspected: () => {
    opened += 1;
    return Promise.reject(new Error("there is no stage here"));
  },
  page: async () => ({
    html: "<!doctype html>",
    assets: new Map([["/assets/main-AB12.js", { type: "text/javascript", body: Buffer.from("1") }]]),
  }),
});
afterAll(() => inspector.close());
const { origin, token } = inspector;
const port = new URL(origin).port;

interface Answered {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** fetch() lets nobody choose Host and Origin. */
function ask(
  path: string,
  { method = "POST", headers = {}, body = "{}" }: { method?: string; headers?: object; body?: string } = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = httpRequest(`${origin}${path}`, { method, headers: { ...headers } }, (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () =>
        resolve({
          status: response.statusCode ?? 0,
          headers: response.headers,
          body: Buffer.concat(chunks).toString("utf8"),
        }),
      );
    });
    sent.on("error", reject);
    sent.end(method === "GET" ? undefined : body);
  });
}

const ours = { authorization: `Bearer ${token}`, "content-type": "application/json" };
const everyCall = Object.values(paths);

describe("the inspector's server", () => {
  it.each(everyCall)("lets %s be called by its own page: the stage is opened", async (path) => {
    const before = opened;
    const { status } = await ask(path, { headers: { ...ours, origin, "sec-fetch-site": "same-origin" } });
    expect([status, opened]).toEqual([500, before + 1]);
  });

  it.each([
    ["a foreign Host, as after DNS rebinding", { ...ours, host: `evil.example:${port}` }, 403],
    ["its address with another port in Host", { ...ours, host: "127.0.0.1:1" }, 403],
    ["a foreign Origin", { ...ours, origin: "https://evil.example" }, 403],
    ["a page of another port of this machine", { ...ours, origin: "http://127.0.0.1:1" }, 403],
    ["a page without an origin, such as a sandboxed frame", { ...ours, origin: "null" }, 403],
    [
      "a request that the browser says comes from another site",
      { ...ours, "sec-fetch-site": "cross-site" },
      403,
    ],
    ["no token", { "content-type": "application/json" }, 401],
    ["a wrong token", { ...ours, authorization: `Bearer ${"x".repeat(token.length)}` }, 401],
    ["the token in a cookie", { "content-type": "application/json", cookie: `token=${token}` }, 401],
    ["a body that a form of another page could send", { ...ours, "content-type": "text/plain" }, 415],
  ])("refuses every call with %s, and opens no stage", async (_, headers, status) => {
    const before = opened;
    for (const path of everyCall) {
      const refused = await ask(path, { headers });
      expect([path, refused.status]).toEqual([path, status]);
      expect(JSON.parse(refused.body)).toEqual({
        error: expect.objectContaining({ message: expect.stringMatching(/./) }),
      });
    }
    expect(opened).toBe(before);
  });

  it("refuses the token in the address, a GET of the API, and a body that is too long", async () => {
    const statusOf = async (...request: Parameters<typeof ask>) => (await ask(...request)).status;
    expect(
      await statusOf(`${paths.list}?token=${token}`, { headers: { "content-type": "application/json" } }),
    ).toBe(401);
    expect(await statusOf(paths.list, { method: "GET", headers: ours })).toBe(405);
    expect(await statusOf(paths.list, { headers: ours, body: `"${"x".repeat(2 * 1024 * 1024)}"` })).toBe(413);
    expect(await statusOf(paths.list, { headers: ours, body: "no JSON" })).toBe(400);
    expect(await statusOf("/", { method: "GET", headers: { host: "evil.example" } })).toBe(403);
  });

  it.each([
    ["/", "GET", 200],
    ["/assets/main-AB12.js", "GET", 200],
    ["/assets/other.js", "GET", 404],
    [paths.list, "POST", 401],
  ])(
    "answers %s under the policy that runs no foreign script, is in no frame and tells no referrer",
    async (path, method, status) => {
      const answer = await ask(path, { method });
      expect(answer.status).toBe(status);
      expect(answer.headers).toMatchObject({
        "content-security-policy": expect.stringMatching(
          /^default-src 'none'; script-src 'self'; style-src 'self'; .*frame-ancestors 'none'; require-trusted-types-for 'script'/,
        ),
        "x-content-type-options": "nosniff",
        "referrer-policy": "no-referrer",
        "cross-origin-opener-policy": "same-origin",
        "cross-origin-embedder-policy": "require-corp",
        "cross-origin-resource-policy": "same-origin",
      });
      expect(answer.headers["content-security-policy"]).not.toMatch(/unsafe|https?:|\*/);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    },
  );

  it("has a token of its own in the fragment of its address, which no request carries", async () => {
    expect(inspector.address).toBe(`${origin}/#token=${token}`);
    expect(token).toMatch(/^[\w-]{32}$/);
    const other = await serve({ ...noStage, port: 0 });
    expect(other.token).not.toBe(token);
    await other.close();
  });

  it("leads a browser to its page once, without the token among a program's arguments", async () => {
    const address = inspector.addressForOpening();
    expect(address).not.toContain(token);
    const path = address.slice(origin.length);
    expect(await ask(path, { method: "GET" })).toMatchObject({
      status: 303,
      headers: { location: `/#token=${token}` },
    });
    expect((await ask(path, { method: "GET" })).status).toBe(403);
    expect((await ask("/open/", { method: "GET" })).status).toBe(403);
  });

  it("says in a sentence that its port is taken", async () => {
    await expect(serve({ ...noStage, port: Number(port) })).rejects.toThrow(
      `port ${port} is used by another program`,
    );
  });

  it("answers on no address of the network", async () => {
    const addresses = Object.values(networkInterfaces())
      .flatMap((each) => each ?? [])
      .filter(({ internal, family }) => !internal && family === "IPv4");
    for (const { address } of addresses) {
      await expect(fetch(`http://${address}:${port}/`)).rejects.toThrow();
    }
  });
});

const noStage = {
  inspected: () => Promise.reject(new Error("there is no stage here")),
  page: () => Promise.reject(new Error("there is no page here")),
};
