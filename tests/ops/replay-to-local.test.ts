import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { toLocal } from "../../ops/replay/to-local.js";
import { providers } from "../../providers/support/known.js";
import type { NameValue } from "../../runtime/envelope/headers.js";
import { verifySignature } from "../../runtime/signatures/verify.js";
import { githubWebhook } from "../support/processor.js";
import { envelopeOf } from "../support/sqs-events.js";

const secret = "the local secret";
const github = {
  signature: providers.github?.signature ?? { kind: "none" },
  eventId: ["header:x-github-delivery"],
} as const;

describe("replay --to local", () => {
  let answer = 200;
  const received: { readonly url: string; readonly headers: NameValue[]; readonly body: Buffer }[] = [];
  const server = createServer(async (request, response) => {
    const headers = Object.entries(request.headers).map(([name, value]): NameValue => [name, String(value)]);
    received.push({ url: request.url ?? "", headers, body: await buffer(request) });
    response.writeHead(answer).end("too many");
  });
  let port = 0;
  beforeAll(async () => {
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    ({ port } = server.address() as AddressInfo);
  });
  afterAll(() => void server.close());
  beforeEach(() => {
    answer = 200;
    received.length = 0;
  });

  /** Sends a webhook of this source, and gives how that ended. */
  async function send(source: string, webhook = envelopeOf()) {
    const running = {
      port,
      sources: [
        {
          definition: { name: "github", ...github },
          endpoint: `http://127.0.0.1:${port}/hook`,
          headers: { "x-api-key": "local" },
          keys: { secret },
        },
      ],
    };
    const ends: string[] = [];
    const loaded = { position: 0, replayId: "r-1", webhookId: `${source}/1`, source, webhook };
    await toLocal(running)([loaded], (those, end, why = "") =>
      ends.push(`${those.length} ${end} ${why}`.trim()),
    );
    return ends;
  }

  it("posts a stage's webhook with its body, headers and query, signed with the local secret", async () => {
    const stored = await githubWebhook("d-1", { secret: "the stage's secret" });
    expect(await send("github", { ...stored, query: [["shop", "7"]] })).toEqual(["1 replayed"]);
    const [request] = received;
    expect(request?.url).toBe("/hook?shop=7");
    expect(request?.body).toEqual(stored.body);
    expect(request?.headers).toContainEqual(["x-github-delivery", "d-1"]);
    expect(request?.headers).toContainEqual(["x-api-key", "local"]);
    const arrived = envelopeOf({ headers: request?.headers ?? [], body: request?.body ?? Buffer.alloc(0) });
    expect(await verifySignature(github.signature, arrived, [secret])).toEqual({ verified: true });
  });

  it("skips what the local pipeline has no source for", async () => {
    expect(await send("stripe")).toEqual([`1 skipped the pipeline on port ${port} has no source stripe`]);
    expect(received).toEqual([]);
  });

  it("fails for what the front door does not take", async () => {
    answer = 429;
    expect(await send("github")).toEqual(["1 failed the front door answered 429: too many"]);
  });
});
