import { readApiPolicy } from "local-aws";
import { describe, expect, it } from "vitest";
import { resourcePolicy } from "../../../components/ingest/resource-policy.js";

const api = "arn:aws:execute-api:eu-west-1:000000000000:abc";
const place = { stageNames: ["v1"], pathPrefixes: ["webhooks"] };

/** What the policy says to a request. */
function verdict(sources: Parameters<typeof resourcePolicy>[0], sourceIp: string, call: string) {
  return readApiPolicy(resourcePolicy(sources, place), api)({ sourceIp, resourceArn: `${api}/v1/${call}` });
}

describe("the API's policy", () => {
  const sources = [
    { name: "a" },
    { name: "a-b", allowedCidrs: ["192.0.2.0/24", "198.51.100.7", "2001:db8::/32"] },
    { name: "a-b-c", allowedCidrs: ["203.0.113.0/24"] },
  ];

  it("is not there while no source names its addresses", () => {
    expect(resourcePolicy([{ name: "a" }], place)).toBeUndefined();
  });

  it.each([
    ["192.0.2.255", "POST/webhooks/a-b", "allowed"],
    ["198.51.100.7", "POST/webhooks/a-b", "allowed"],
    ["2001:db8::1", "POST/webhooks/a-b", "allowed"],
    ["192.0.3.0", "POST/webhooks/a-b", "denied"],
    ["2001:db9::1", "POST/webhooks/a-b", "denied"],
    // The addresses of one source are none of another's, also where the names begin alike.
    ["203.0.113.1", "POST/webhooks/a-b", "denied"],
    ["192.0.2.1", "POST/webhooks/a-b-c", "denied"],
    ["203.0.113.1", "POST/webhooks/a-b-c", "allowed"],
    ["8.8.8.8", "POST/webhooks/a", "allowed"],
    // A handshake's question comes from the provider as well.
    ["8.8.8.8", "GET/webhooks/a-b", "denied"],
    ["192.0.2.1", "GET/webhooks/a-b", "allowed"],
  ])("says to %s for %s: %s", (sourceIp, call, expected) => {
    expect(verdict(sources, sourceIp, call)).toBe(expected);
  });

  it("is none for another stage", () => {
    const policy = readApiPolicy(resourcePolicy(sources, place), api);

    expect(policy({ sourceIp: "8.8.8.8", resourceArn: `${api}/v2/POST/webhooks/a` })).toBe("not allowed");
  });

  it("has a statement id of its own for every source", () => {
    const names = ["a-b", "ab", "adashb", "a--b", "-a", "a", "1-2", "12"];
    const policy = resourcePolicy(
      names.map((name) => ({ name, allowedCidrs: ["192.0.2.0/24"] })),
      place,
    ) as { Statement: { Sid: string }[] };
    const sids = policy.Statement.map(({ Sid }) => Sid);

    expect(sids.every((sid) => /^[A-Za-z0-9]+$/.test(sid))).toBe(true);
    expect(new Set(sids).size).toBe(sids.length);
  });
});
