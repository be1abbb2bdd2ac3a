import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import { listenOnLoopback } from "local-aws";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { s3Overflow } from "../../../runtime/payload/s3-overflow.js";

/** S3 as far as it is called: objects by path, and a refusal on demand. */
let close: () => Promise<void>;
let objects: Map<string, Buffer>;
let requests: string[];
let refuse: boolean;

beforeEach(async () => {
  objects = new Map();
  requests = [];
  refuse = false;
  const server = createServer(async (request, response) => {
    const { method = "", url = "" } = request;
    const path = url.replace(/\?.*/, "");
    const body = await buffer(request);
    requests.push(`${method} ${path}`);
    if (refuse) return void response.writeHead(403).end("<Error><Code>AccessDenied</Code></Error>");
    if (method === "PUT") objects.set(path, body);
    if (method === "PUT") return void response.writeHead(200, { etag: '"1"' }).end();
    const found = objects.get(path);
    if (found === undefined) response.writeHead(404).end("<Error><Code>NoSuchKey</Code></Error>");
    else response.writeHead(200).end(found);
  });
  const listening = await listenOnLoopback(server);
  close = listening.close;
  const variables = {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: "local",
    AWS_SECRET_ACCESS_KEY: "local",
    AWS_ENDPOINT_URL_S3: listening.origin,
  };
  for (const [name, value] of Object.entries(variables)) vi.stubEnv(name, value);
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await close();
});

const bucket = () =>
  s3Overflow("overflow", { connectionTimeout: 1_000, requestTimeout: 2_000, throwOnRequestTimeout: true });

describe("s3Overflow", () => {
  it("gives back what it stored, byte for byte", async () => {
    const bytes = Buffer.from(Array.from({ length: 100_000 }, (_, index) => index % 256));
    const store = bucket();
    await store.put("ab/cd", bytes);
    expect(objects.get("/overflow/ab/cd")?.equals(bytes)).toBe(true);
    expect(Buffer.from(await store.get("ab/cd")).equals(bytes)).toBe(true);
    expect(requests).toEqual(["PUT /overflow/ab/cd", "GET /overflow/ab/cd"]);
  });

  it("names S3's own reasons", async () => {
    const store = bucket();
    await expect(store.get("gone")).rejects.toMatchObject({ name: "NoSuchKey" });
    refuse = true;
    await expect(store.put("ab/cd", Buffer.from("x"))).rejects.toMatchObject({ name: "AccessDenied" });
  });
});
