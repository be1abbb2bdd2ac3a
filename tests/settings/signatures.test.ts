import { describe, expect, it } from "vitest";
import { providers } from "../../providers/support/known.js";
import { needsSecret } from "../../runtime/signatures/definition.js";
import { parseSettings, SettingsError } from "../../settings/settings.js";
import { derBase64, ed25519Pair, p256Pair, pem, rawHex, rsaPair } from "../support/senders/sender.js";

/** The one source with this signature, resolved. */
function sourceWith(signature: object, rest: object = {}) {
  const [source] = parseSettings({
    sources: [{ name: "a", signature, ...ownId(signature), ...rest }],
  }).sources;
  if (source === undefined) throw new Error("there is no source");
  return source.definition;
}

/** An event id, where no provider brings one. */
function ownId(signature: unknown): object {
  const { scheme = "" } = signature as { readonly scheme?: string };
  return Object.hasOwn(providers, scheme) ? {} : { eventId: ["body"] };
}

/** The problems of one source, without its path. */
function problemsOf(signature: unknown, rest: object = {}): readonly string[] {
  try {
    parseSettings({ sources: [{ name: "a", signature, ...ownId(signature), ...rest }] });
  } catch (error) {
    if (error instanceof SettingsError) {
      return error.problems.map((problem) => problem.replace("sources[0].", ""));
    }
    throw error;
  }
  throw new Error("expected the settings to be refused, but they went through");
}

const publicUrl = "https://hooks.example.com/v1/webhooks/a";

describe("a source's signature", () => {
  it("is resolved from a provider's name to the scheme it stands for, with its event id", () => {
    expect(sourceWith({ scheme: "github" })).toEqual({
      name: "a",
      eventType: "header:x-github-event",
      signature: {
        kind: "hmac",
        hash: "sha256",
        encoding: "hex",
        header: "x-hub-signature-256",
        prefix: "sha256=",
        content: "{body}",
        key: { encoding: "utf8" },
      },
      eventId: ["header:x-github-delivery"],
    });
  });

  it("may say how late a webhook may be, and the source where its event id stands", () => {
    const source = sourceWith({ scheme: "stripe", toleranceSeconds: 60 }, { eventId: ["json:data.id"] });
    expect(source).toMatchObject({
      signature: { timestamp: { prefix: "t=", unit: "seconds", toleranceSeconds: 60 } },
      eventId: ["json:data.id"],
    });
    expect(sourceWith({ scheme: "contentful", publicUrl, toleranceSeconds: 60 })).toMatchObject({
      signature: { kind: "contentful", publicUrl, toleranceSeconds: 60 },
    });
  });

  it("leaves the providers as they are", () => {
    const before = structuredClone(providers);
    sourceWith({ scheme: "stripe", toleranceSeconds: 1 });
    sourceWith({ scheme: "square", publicUrl });
    expect(providers).toEqual(before);
  });

  it("takes each request for an event of its own, where the source says so", () => {
    expect(sourceWith({ scheme: "none" }, { eventId: ["json:id", "request-id"] }).eventId).toEqual([
      "json:id",
      "request-id",
    ]);
    expect(sourceWith({ scheme: "dropbox" }).eventId).toEqual(["request-id"]);
  });

  it("may be a keyed hash of one's own, with defaults", () => {
    const { signature } = sourceWith({
      scheme: "hmac",
      header: "X-CRM-Signature",
      prefix: "sha256=",
      content: "{timestamp}.{body}",
      timestamp: { header: "X-CRM-Time" },
    });
    expect(signature).toEqual({
      kind: "hmac",
      hash: "sha256",
      encoding: "hex",
      header: "x-crm-signature",
      prefix: "sha256=",
      content: "{timestamp}.{body}",
      timestamp: { header: "x-crm-time", unit: "seconds", toleranceSeconds: 300 },
      key: { encoding: "utf8" },
    });
  });

  it("may stand in any of several headers, or in the body", () => {
    expect(sourceWith({ scheme: "hmac", header: ["X-One", "X-Two"] }).signature).toMatchObject({
      header: ["x-one", "x-two"],
    });
    expect(
      sourceWith({ scheme: "hmac", json: "proof.hmac", content: "{json:proof.nonce}" }).signature,
    ).toMatchObject({ json: "proof.hmac", content: "{json:proof.nonce}" });
  });

  it("may hold its time in the body, where it is signed with it", () => {
    const { signature } = sourceWith({
      scheme: "hmac",
      header: "x-s",
      timestamp: { json: "sentAt", unit: "rfc3339" },
    });
    expect(signature).toMatchObject({
      timestamp: { json: "sentAt", unit: "rfc3339", toleranceSeconds: 300 },
    });
  });

  it("may be a token in a header or in the query", () => {
    expect(sourceWith({ scheme: "token", header: "Authorization", prefix: "Bearer " }).signature).toEqual({
      kind: "token",
      header: "authorization",
      prefix: "Bearer ",
    });
    expect(sourceWith({ scheme: "token", query: "Key" }).signature).toEqual({ kind: "token", query: "Key" });
  });

  it("may be basic authentication", () => {
    expect(sourceWith({ scheme: "basic" }).signature).toEqual({ kind: "basic" });
  });

  it("may be checked with a public key from the settings, in any form that providers show", () => {
    const ed25519 = ed25519Pair().publicKey;
    const p256 = p256Pair().publicKey;
    for (const [scheme, publicKey] of [
      [{ scheme: "discord" }, rawHex(ed25519)],
      [{ scheme: "sendgrid" }, derBase64(p256)],
      [{ scheme: "sendgrid" }, pem(p256)],
      [{ scheme: "fusionauth" }, pem(ed25519)],
      [{ scheme: "public-key", algorithm: "ed25519", header: "x-s" }, pem(ed25519)],
      [{ scheme: "public-key", algorithm: "rsa-sha256", header: "x-s" }, pem(rsaPair().publicKey)],
    ] as const) {
      const { signature } = sourceWith({ ...scheme, publicKey });
      expect(signature).toMatchObject({ publicKey });
      expect(needsSecret(signature)).toBe(false);
    }
  });

  it("may be a signed token of one's own, with keys that are fetched", () => {
    expect(
      sourceWith({
        scheme: "jwt",
        header: "Authorization",
        prefix: "Bearer ",
        algorithms: ["ES256"],
        keysUrl: "https://login.example.com/keys",
        audience: "me",
        claims: { azp: "crm" },
        toleranceSeconds: 60,
      }).signature,
    ).toEqual({
      kind: "jwt",
      header: "authorization",
      prefix: "Bearer ",
      algorithms: ["ES256"],
      keys: { kind: "key-set", url: "https://login.example.com/keys" },
      audience: "me",
      claims: [{ name: "azp", value: "crm" }],
      toleranceSeconds: 60,
    });
  });

  it("leaves of a provider's algorithms those that fit the key in the settings", () => {
    const publicKey = pem(p256Pair().publicKey);
    expect(sourceWith({ scheme: "fusionauth", publicKey }).signature).toMatchObject({
      algorithms: ["ES256"],
    });
    const { signature } = sourceWith({
      scheme: "fusionauth",
      keysUrl: "https://auth.test/.well-known/jwks.json",
    });
    expect(signature).toMatchObject({
      algorithms: expect.not.arrayContaining(["HS256"]),
      keys: { kind: "key-set", url: "https://auth.test/.well-known/jwks.json" },
    });
  });

  it("takes what only the stage knows of a provider's tokens", () => {
    const serviceAccount = "push@a-project.iam.gserviceaccount.com";
    expect(sourceWith({ scheme: "google-pubsub", audience: "a", serviceAccount }).signature).toMatchObject({
      audience: "a",
      claims: [
        { name: "email_verified", value: true },
        { name: "email", value: serviceAccount },
      ],
    });
    const keysUrl = "https://sandbox.plaid.com/webhook_verification_key/get";
    expect(sourceWith({ scheme: "plaid", keysUrl, toleranceSeconds: 60 }).signature).toMatchObject({
      keys: { kind: "plaid", url: keysUrl },
      toleranceSeconds: 60,
    });
  });

  it.each([
    [{ scheme: "none" }, false],
    [{ scheme: "github" }, true],
    [{ scheme: "gitlab" }, true],
    [{ scheme: "chargebee" }, true],
    [{ scheme: "discord" }, true],
    [{ scheme: "fusionauth" }, true],
    [{ scheme: "fusionauth", keysUrl: "https://auth.test/keys" }, false],
    [{ scheme: "plaid" }, true],
    [{ scheme: "google-pubsub", audience: "a", serviceAccount: "b" }, false],
    [{ scheme: "paypal", webhookId: "WH-1" }, true],
    [{ scheme: "twilio", publicUrl }, true],
    [{ scheme: "token", header: "x-key" }, true],
    [{ scheme: "basic" }, true],
    [{ scheme: "public-key", algorithm: "ed25519", header: "x-s" }, true],
  ])("%o needs a secret: %s", (signature, needed) => {
    expect(needsSecret(sourceWith(signature).signature)).toBe(needed);
  });

  it.each<[object, RegExp]>([
    [{ scheme: "githib" }, /^signature\.scheme: is not known \(one of none, .*github, .*token, hmac, jwt\)$/],
    [{}, /^signature\.scheme: is not known \(one of none, .*github/],
    [
      { scheme: "github", toleranceSeconds: 5 },
      /^signature\.toleranceSeconds: has no effect: github does not sign a time$/,
    ],
    [
      { scheme: "stripe", toleranceSeconds: 0 },
      /^signature\.toleranceSeconds: must be a whole number of seconds/,
    ],
    [
      { scheme: "square" },
      /^signature\.publicUrl: is missing: the provider signs the URL, so write it byte for byte/,
    ],
    [{ scheme: "twilio" }, /^signature\.publicUrl: is missing/],
    [
      { scheme: "twilio", publicUrl: "hooks.example.com" },
      /^signature\.publicUrl: must be the URL that the sender/,
    ],
    [
      { scheme: "twilio", publicUrl: "https://x.test/#a" },
      /^signature\.publicUrl: must be the URL that the sender/,
    ],
    [{ scheme: "github", publicUrl }, /^signature\.publicUrl: has no effect: github does not sign it$/],
    [
      { scheme: "github", publicKey: "k" },
      /^signature\.publicKey: has no effect: github signs with a secret, not a public key$/,
    ],
    [
      { scheme: "discord", publicKey: "k" },
      /^signature\.publicKey: does not fit: the public key cannot be read/,
    ],
    [{ scheme: "fusionauth", publicKey: "k" }, /^signature\.publicKey: does not fit: it must be the PEM/],
    [
      { scheme: "paypal" },
      /^signature\.webhookId: is missing: paypal signs the id that it gave the webhook$/,
    ],
    [{ scheme: "github", webhookId: "1" }, /^signature\.webhookId: has no effect: github does not sign it$/],
    [{ scheme: "github", header: "x" }, /^signature\.header: is not a setting$/],
    [
      { scheme: "hmac" },
      /^signature\.header: is missing \(or json, form or query, for a signature elsewhere\)$/,
    ],
    [{ scheme: "hmac", header: [] }, /^signature\.header: must name at least one header$/],
    [{ scheme: "hmac", header: "x y" }, /^signature\.header\[0\]: must be the name of a header/],
    [
      { scheme: "hmac", header: "x", json: "y", content: "{json:z}{body}" },
      /^signature\.json: cannot be combined with header: the signature is in one place$/,
    ],
    [{ scheme: "hmac", header: "x", content: "{method}" }, /^signature\.content: must contain \{body\}/],
    [
      { scheme: "hmac", json: "x" },
      /^signature\.content: must contain \{json:path\}, because a body cannot contain/,
    ],
    [
      { scheme: "hmac", header: "x", content: "{timestamp}.{body}" },
      /^signature\.timestamp: a signed time needs both/,
    ],
    [
      { scheme: "hmac", header: "x", timestamp: { header: "y" } },
      /^signature\.content: a signed time needs both/,
    ],
    [
      { scheme: "hmac", header: "x", timestamp: { header: "y", json: "z" }, content: "{timestamp}{body}" },
      /^signature\.timestamp: cannot be in two places, header and json: name one$/,
    ],
    [
      { scheme: "hmac", header: "x", content: "{id}.{body}" },
      /^signature\.content: \{id\} is unknown: use \{body\}/,
    ],
    [
      { scheme: "hmac", header: "x", content: "{header:x y}{body}" },
      /^signature\.content: \{header:x y\} is unknown/,
    ],
    [{ scheme: "hmac", header: "x", content: "{url}{body}" }, /^signature\.publicUrl: is missing/],
    [
      { scheme: "hmac", header: "x", publicUrl },
      /^signature\.publicUrl: has no effect: a scheme without \{url\} in content does not sign it$/,
    ],
    [
      { scheme: "hmac", header: "x", prefix: "" },
      /^signature\.prefix: must not be empty: leave it out instead$/,
    ],
    [
      { scheme: "hmac", header: "x", prefix: " v1=" },
      /^signature\.prefix: must not begin with a space: a header's value never does$/,
    ],
    [
      { scheme: "token", header: "x", prefix: "Bearer\n" },
      /^signature\.prefix: must be of printable ASCII characters/,
    ],
    [
      { scheme: "hmac", header: "x", content: "{timestamp}.{body}", timestamp: { prefix: "t=" } },
      /^signature\.separator: is missing: the time stands beside the signature/,
    ],
    [
      { scheme: "hmac", header: "x", separator: "=", prefix: "v1=" },
      /^signature\.separator: could also stand inside of the prefix or the signature/,
    ],
    [
      {
        scheme: "hmac",
        header: "x",
        separator: ":",
        content: "{timestamp}{body}",
        timestamp: { unit: "rfc3339" },
      },
      /^signature\.separator: could also stand inside of the prefixes, the time or the signature/,
    ],
    [
      { scheme: "hmac", header: "x", content: "{timestamp}{body}", timestamp: { header: "X" } },
      /^signature\.timestamp: stands in the signature's own header: leave its header out, and set separator/,
    ],
    [
      { scheme: "hmac", header: "x", content: "{header:X}{body}" },
      /^signature\.content: \{header:x\} holds the signature, which cannot sign itself$/,
    ],
    [
      { scheme: "hmac", header: "x", content: "{header:Content-Length}{body}" },
      /^signature\.content: \{header:content-length\} does not get through API Gateway/,
    ],
    [
      { scheme: "hmac", header: "content-type" },
      /^signature\.header: cannot be content-type: clients and gateways write that header themselves$/,
    ],
    [{ scheme: "token", header: "Host" }, /^signature\.header: cannot be host: clients and gateways/],
    [
      { scheme: "hmac", json: "a", content: "{json:a.b}" },
      /^signature\.json: is the place of a\.b too, which is signed: only one value can be there$/,
    ],
    [
      { scheme: "hmac", json: "a", content: "{json:b}{body}" },
      /^signature\.content: must not contain \{body\}, because a body cannot contain a signature of itself$/,
    ],
    [
      { scheme: "hmac", header: "x", content: "{json:a}{json:a.b}{body}" },
      /^signature\.content: needs a text at a and at a path inside it: only one value can be there$/,
    ],
    [
      { scheme: "hmac", header: "x", content: "{form}{json:a}" },
      /^signature\.content: cannot need a form and JSON: a body is only one of them$/,
    ],
    [
      { scheme: "square", publicUrl: "https://x.test/\ud800" },
      /^signature\.publicUrl: must be Unicode text: half of a surrogate pair/,
    ],
    [
      { scheme: "google-pubsub", audience: "a" },
      /^signature\.serviceAccount: is missing: every Google account can get such a token/,
    ],
    [
      { scheme: "google-pubsub", serviceAccount: "a" },
      /^signature\.audience: is missing: without it a token that was made for somebody else/,
    ],
    [
      { scheme: "microsoft-graph", audience: "a" },
      /^signature\.issuer: is missing: name the one whose tokens/,
    ],
    [
      { scheme: "plaid", publicKey: "k" },
      /^signature\.publicKey: has no effect: plaid publishes its keys, which are fetched$/,
    ],
    [{ scheme: "plaid", serviceAccount: "a" }, /^signature\.serviceAccount: has no effect: plaid does not/],
    [
      { scheme: "github", audience: "a" },
      /^signature\.audience: has no effect: github sends no signed tokens$/,
    ],
    [
      { scheme: "fusionauth", keysUrl: "http://auth.test/.well-known/jwks.json" },
      /^signature\.keysUrl: must be an https:\/\/ URL on the public internet/,
    ],
    [{ scheme: "fusionauth", keysUrl: "https://10.0.0.1/keys" }, /^signature\.keysUrl: must be an https/],
    [{ scheme: "fusionauth", toleranceSeconds: 5 }, /^signature\.toleranceSeconds: has no effect/],
    [{ scheme: "jwt", header: "x", algorithms: [] }, /^signature\.algorithms: must name at least one/],
    [{ scheme: "jwt", algorithms: ["RS256"] }, /^signature\.header: is missing \(or json, for tokens/],
    [{ scheme: "jwt", header: "x", algorithms: ["none"] }, /^signature\.algorithms\[0\]: /],
    [
      { scheme: "jwt", header: "x", algorithms: ["RS256"], keysUrl: "https://a.test/keys" },
      /^signature\.audience: is missing: without it a token/,
    ],
    [
      { scheme: "jwt", header: "x", algorithms: ["HS256"], keysUrl: "https://a.test/keys", audience: "a" },
      /^signature\.algorithms: cannot contain HS256 together with a public key, which would be everybody's secret$/,
    ],
    [
      { scheme: "jwt", header: "x", algorithms: ["HS256", "RS256"], publicKey: pem(rsaPair().publicKey) },
      /^signature\.algorithms: cannot contain HS256 together with a public key/,
    ],
    [
      { scheme: "jwt", header: "x", algorithms: ["RS256"], publicKey: pem(ed25519Pair().publicKey) },
      /^signature\.publicKey: does not fit: such a key signs with EdDSA$/,
    ],
    [
      { scheme: "jwt", json: "t", algorithms: ["RS256"], bodyHash: { claim: "h" } },
      /^signature\.bodyHash: cannot be combined with json: a body cannot contain a hash of itself$/,
    ],
    [
      { scheme: "jwt", header: "x", algorithms: ["RS256"], claims: { iss: "a" } },
      /^signature\.claims: cannot contain iss: issuer and audience are settings/,
    ],
    [{ scheme: "token" }, /^signature\.header: is missing \(or query, for a token in the URL\)$/],
    [{ scheme: "token", header: "x", query: "y" }, /^signature\.query: cannot be combined with header/],
    [{ scheme: "basic", user: "x" }, /^signature\.user: is not a setting$/],
    [{ scheme: "public-key", header: "x" }, /^signature\.algorithm: /],
    [
      { scheme: "public-key", header: "x", algorithm: "ed25519", publicKey: pem(p256Pair().publicKey) },
      /^signature\.publicKey: does not fit: the public key is of ecdsa-p256-sha256, not of ed25519$/,
    ],
    [
      { scheme: "public-key", header: "x", algorithm: "rsa-sha256", publicKey: pem(rsaPair(1024).publicKey) },
      /^signature\.publicKey: does not fit: the public key is of an unknown algorithm, not of rsa-sha256$/,
    ],
  ])("is refused: %o", (signature, message) => {
    const problems = problemsOf(signature);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(message);
  });

  it("has all of its mistakes named at once", () => {
    expect(problemsOf({ scheme: "hmac", header: "x", content: "{timestamp}{url}" })).toEqual([
      expect.stringMatching(/^signature\.content: must contain \{body\}/),
      expect.stringMatching(/^signature\.publicUrl: is missing/),
      expect.stringMatching(/^signature\.timestamp: a signed time needs both/),
    ]);
  });
});

describe("the event id of a source", () => {
  it("is asked for where no provider brings one, with what the answers mean that are no places", () => {
    const problems = problemsWithoutId({ scheme: "hmac", header: "x-signature" });
    expect(problems).toEqual([
      expect.stringMatching(
        /^eventId: is missing\. Without it the pipeline cannot tell a new event from a repeated one/,
      ),
    ]);
    expect(problems[0]).toContain(
      'With ["body"], equal bodies are the same event, and only the first is processed',
    );
    expect(problems[0]).toContain(
      'With ["request-id"], each request is a new event, and a repetition is processed again',
    );
    for (const scheme of [{ scheme: "none" }, { scheme: "basic" }, { scheme: "token", header: "x-token" }]) {
      expect(problemsWithoutId(scheme)).toHaveLength(1);
    }
  });

  it("may be one place after the other, and several that only together are one", () => {
    const eventId = [
      "header:x-id",
      ["query:shop", "json:order.id"],
      ["form:token", "body"],
      "body-without:json:attempt,json:events.*.attempt",
      "request-id",
    ];
    expect(sourceWith({ scheme: "none" }, { eventId }).eventId).toEqual(eventId);
  });

  it("may be the signed time with something else, where a time is signed", () => {
    const eventId = [["signed-time", "body"]];
    expect(sourceWith({ scheme: "zoom" }, { eventId }).eventId).toEqual(eventId);
    expect(problemsOf({ scheme: "github" }, { eventId })).toEqual([
      "eventId[0]: cannot have signed-time: the source's signature covers no time",
    ]);
  });

  it.each([
    "x-id",
    "Header:x-id",
    "REQUEST-ID",
    "json:",
    "json:a:b",
    "form:",
    "query:a b",
    "body-without:",
    "body-without:header:x",
    "body-without:json:a,json:",
    "header:x-a+json:b",
    [],
    ["json:id"],
    ["json:id", "x-id"],
    ["json:a", ["json:b", "json:c"]],
  ])("is not %j", (locator) => {
    expect(problemsOf({ scheme: "none" }, { eventId: [locator] })).toEqual([
      expect.stringMatching(
        /^eventId\[0\]: must be header:<name>, query:<name>, json:<path>, form:<name>, signed-time/,
      ),
    ]);
  });

  it.each<[object, readonly unknown[], string]>([
    [
      { scheme: "none" },
      ["request-id", "json:id"],
      "eventId[1]: is never used: every request has a request-id",
    ],
    [{ scheme: "none" }, [["json:id", "request-id"]], "eventId[0]: must not combine request-id"],
    [
      { scheme: "none" },
      ["header:Authorization"],
      "eventId[0]: must not be header:Authorization: it contains a credential",
    ],
    [{ scheme: "token", header: "x-t" }, [["json:id", "header:X-T"]], "eventId[0]: must not be header:X-T"],
    [{ scheme: "token", query: "key" }, ["query:key"], "eventId[0]: must not be query:key"],
  ])("of %j is not %j", (signature, eventId, problem) => {
    expect(problemsOf(signature, { eventId })).toEqual([expect.stringContaining(problem)]);
  });
});

describe("a signature in a form or in the query", () => {
  it("is a place like others, for the signature, the time and what is signed", () => {
    const { signature } = sourceWith({
      scheme: "hmac",
      form: "signature",
      content: "{timestamp}{form:token}{query:shop}",
      timestamp: { form: "timestamp" },
    });
    expect(signature).toMatchObject({
      form: "signature",
      content: "{timestamp}{form:token}{query:shop}",
      timestamp: { form: "timestamp", unit: "seconds", toleranceSeconds: 300 },
    });
    expect(sourceWith({ scheme: "hmac", query: "s" }).signature).toMatchObject({
      query: "s",
      content: "{body}",
    });
  });

  it.each<[object, string]>([
    [
      { form: "s" },
      "signature.content: must contain {form:name}, because a body cannot contain a signature of itself",
    ],
    [
      { form: "s", content: "{form:a}{form}" },
      "signature.content: must not contain {form}, because a body cannot contain",
    ],
    [
      { json: "s", content: "{json:a}{body}" },
      "signature.content: must not contain {body}, because a body cannot contain",
    ],
    [
      { query: "s", content: "{query:a}" },
      "signature.content: must contain {body}; otherwise anybody could change",
    ],
    [
      { header: "h", query: "s" },
      "signature.query: cannot be combined with header: the signature is in one place",
    ],
    [{ form: "a b", content: "{form:a}" }, "signature.form: must be a name, such as signature"],
    [
      { form: "s", content: "{timestamp}{form:a}", timestamp: { form: "t", query: "t" } },
      "signature.timestamp: cannot be in two places, query and form: name one",
    ],
    [{ header: "h", content: "{form:a b}{body}" }, "signature.content: {form:a b} is unknown"],
  ])("is refused: %j", (signature, problem) => {
    expect(problemsOf({ scheme: "hmac", ...signature })).toEqual([expect.stringContaining(problem)]);
  });
});

/** The problems of a source with a signature and nothing else. */
function problemsWithoutId(signature: object): readonly string[] {
  return problemsOf(signature, { eventId: undefined });
}
