import { expect, it, onTestFinished } from "vitest";
import { startSigningKeysEndpoint } from "../../local/signing-keys-endpoint.js";
import { requestKeysFrom } from "../../runtime/signatures/fetch-keys.js";
import type { RequestKeys } from "../../runtime/signatures/signing-keys.js";

const url = "https://keys.test/set";
const ours = { kty: "EC", kid: "ours" };
const theirs = { kty: "EC", kid: "theirs" };

/** Asks the endpoint as the function does. */
async function keysOf(requestKeys: RequestKeys) {
  const endpoint = await startSigningKeysEndpoint(requestKeys);
  onTestFinished(() => endpoint.close());
  endpoint.publish(url, ours);
  const ask = requestKeysFrom(endpoint.origin);
  const read = async (body?: object) => {
    const answer = await ask({ url, ...(body === undefined ? {} : { body: JSON.stringify(body) }) });
    return { status: answer.status, ...JSON.parse(answer.text) };
  };
  return read;
}

it("hands out the sender's own keys with those of npm run send, so that the sender is still believed", async () => {
  const read = await keysOf(async ({ url: asked }) => ({
    status: 200,
    text: JSON.stringify({ keys: asked === url ? [theirs] : [] }),
  }));
  expect(await read()).toEqual({ status: 200, keys: [ours, theirs] });
});

it.each<[string, RequestKeys]>([
  ["without a network", () => Promise.reject(new Error("there is no network"))],
  ["from an address that answers no keys", async () => ({ status: 500, text: "<html>" })],
  ["from an address that does not answer", () => new Promise(() => {})],
])("hands out those of npm run send %s", async (_, requestKeys) => {
  const read = await keysOf(requestKeys);
  expect(await read()).toEqual({ status: 200, keys: [ours] });
});

it("looks up a key by its id here first, and then at the sender's address with the same body", async () => {
  const asked: string[] = [];
  const read = await keysOf(async ({ body = "" }) => {
    asked.push(body);
    return { status: 200, text: JSON.stringify({ key: theirs }) };
  });
  expect(await read({ key_id: "ours" })).toEqual({ status: 200, key: ours });
  expect(asked).toEqual([]);
  expect(await read({ key_id: "theirs", client_id: "c" })).toEqual({ status: 200, key: theirs });
  expect(asked).toEqual(['{"key_id":"theirs","client_id":"c"}']);
});
