import { afterAll, beforeAll, expect, it } from "vitest";
import { providers } from "../../providers/support/known.js";
import { verifySignature } from "../../runtime/signatures/verify.js";
import { signatureSchema } from "../../settings/signatures.js";
import { type IngestApi, serveIngestApi } from "../support/ingest-api.js";
import { senderOf } from "../support/senders/index.js";
import { defaultBody } from "../support/senders/sender.js";

let api: IngestApi;
beforeAll(async () => {
  api = await serveIngestApi({ sources: Object.keys(providers).map((name) => ({ name })) });
});
afterAll(() => api.close());

it.each(Object.entries(providers))(
  "what %s signs is genuine still when it has come through the front door",
  async (name, provider) => {
    const { secret, send, settings, body = defaultBody } = senderOf(name, provider);
    const { signature } = signatureSchema.parse({ scheme: name, ...settings });
    const { headers, query = [], body: sentBody = body } = await send(secret, Date.now(), body);

    api.clear();
    const search = new URLSearchParams(
      query.map(([key, value]): [string, string] => [key, value]),
    ).toString();
    const answer = await api.send(`/v1/webhooks/${name}${search === "" ? "" : `?${search}`}`, {
      headers: ["Content-Type", `${provider.contentTypes[0]}; charset=utf-8`, ...headers.flat()],
      body: Buffer.from(sentBody),
    });
    expect(answer.status).toBe(200);

    const { envelope } = api.sent();
    expect(envelope.source).toBe(name);
    expect(await verifySignature(signature, envelope, [secret])).toEqual({ verified: true });
  },
);
