import { createServer, type RequestListener, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, it } from "vitest";
import { createRequestKeys } from "../../../runtime/signatures/fetch-keys.js";

let server: Server | undefined;

afterEach(async () => {
  const running = server;
  server = undefined;
  await new Promise((resolve) => (running === undefined ? resolve(undefined) : running.close(resolve)));
});

/** A server on this machine that answers so. */
async function serve(answer: RequestListener): Promise<string> {
  server = createServer(answer);
  await new Promise<void>((resolve) => server?.listen(0, "127.0.0.1", resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/keys`;
}

describe("a request for keys", () => {
  const requestKeys = createRequestKeys({ allowPrivateNetwork: true });

  it("gets what the address has", async () => {
    const seen: unknown[] = [];
    const url = await serve((request, response) => {
      seen.push([request.method, request.url, request.headers.accept]);
      response.end('{"keys":[]}');
    });
    expect(await requestKeys({ url })).toEqual({ status: 200, text: '{"keys":[]}' });
    expect(seen).toEqual([["GET", "/keys", "application/json"]]);
  });

  it("posts JSON where there is some", async () => {
    const seen: unknown[] = [];
    const url = await serve(async (request, response) => {
      let text = "";
      for await (const chunk of request) text += chunk;
      seen.push([request.method, request.headers["content-type"], text]);
      response.writeHead(400).end("no");
    });
    expect(await requestKeys({ url, body: '{"key_id":"1"}' })).toEqual({ status: 400, text: "no" });
    expect(seen).toEqual([["POST", "application/json", '{"key_id":"1"}']]);
  });

  it("follows no redirect", async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: "/elsewhere" }).end());
    expect(await requestKeys({ url })).toMatchObject({ status: 302 });
  });

  it("ends with an answer that is too long", async () => {
    const url = await serve((_, response) => response.end("x".repeat(300 * 1024)));
    await expect(requestKeys({ url })).rejects.toThrow("the answer has more than 262144 bytes");
  });

  it("ends with an address that refuses it", async () => {
    await expect(requestKeys({ url: "http://127.0.0.1:9/keys" })).rejects.toThrow(/ECONNREFUSED/);
  });
});

describe("a request for keys from AWS", () => {
  const requestKeys = createRequestKeys();

  it.each([
    ["http://www.googleapis.com/oauth2/v3/certs", "only https: addresses are allowed"],
    ["https://169.254.169.254/latest/meta-data", "169.254.169.254 has no address on the public internet"],
    ["https://127.0.0.1/keys", "127.0.0.1 has no address on the public internet"],
    ["https://[::1]/keys", "[::1] has no address on the public internet"],
    ["https://localhost/keys", "localhost has no address on the public internet"],
  ])("does not reach %s", async (url, message) => {
    await expect(requestKeys({ url })).rejects.toThrow(message);
  });
});
