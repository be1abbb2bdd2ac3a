import fc from "fast-check";
import { jwtAlgorithms, publicKeyAlgorithms } from "../../runtime/signatures/definition.js";

const headerName = fc.constantFrom(
  "x-signature",
  "X-Other",
  "x-time",
  "authorization",
  "content-type",
  "content-length",
  "host",
);
const jsonPath = fc.constantFrom("signature", "proof.a", "proof", "proof.0", "sentAt", "__proto__.a", "a..b");
const fieldName = fc.constantFrom("signature", "sent-at", "a:b");
const part = fc.oneof(
  fc.constantFrom("v1=", "t=", "sha256=", "v1,", ",", ", ", ";", " ", "=", ":", ".", "-", "a", "1", "t", "T"),
  fc.string({ minLength: 1, maxLength: 3 }),
  fc.constantFrom(" v1", "v1 ", "\n", "ü", "\u{1f600}"),
);

const placeholder = fc.oneof(
  fc.constantFrom("{body}", "{timestamp}", "{method}", "{url}", "{form}"),
  headerName.map((name) => `{header:${name}}`),
  jsonPath.map((path) => `{json:${path}}`),
  fieldName.map((name) => `{form:${name}}`),
  fieldName.map((name) => `{query:${name}}`),
);
const literal = fc.constantFrom(".", ":", "v0:", "ü", "$t", "{", "}", "\n");
const content = fc.oneof(
  fc.constantFrom("{body}", "{timestamp}.{body}", "{body}{timestamp}", "{timestamp}{json:proof.a}"),
  fc.array(fc.oneof(placeholder, literal), { minLength: 1, maxLength: 5 }).map((pieces) => pieces.join("")),
);

const publicUrl = fc.constantFrom("https://hooks.test/a?b=%20c", "http://x", "https://hooks.test/ü");

const oneOf = <Value>(...values: fc.Arbitrary<Value>[]) => fc.oneof(...values);
const maybe = <Value>(value: fc.Arbitrary<Value>) => fc.option(value, { nil: undefined });

/** One place of a value, and seldom two. */
const place = oneOf<object>(
  fc.record({ header: headerName }),
  fc.record({ json: jsonPath }),
  fc.record({ form: fieldName }),
  fc.record({ query: fieldName }),
  fc.record({ header: headerName, json: jsonPath }),
);

const timestamp = fc
  .tuple(
    oneOf<object>(fc.constant({}), place),
    fc.record(
      {
        prefix: part,
        unit: fc.constantFrom("seconds", "milliseconds", "rfc3339"),
        toleranceSeconds: fc.integer({ min: 1, max: 86_400 }),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([where, how]) => ({ ...where, ...how }));

/** Settings that both schemes share that sign a text: any at all, of which the settings refuse most. */
const anySignedText = {
  header: oneOf<string | string[]>(headerName, fc.array(headerName, { minLength: 1, maxLength: 3 })),
  json: jsonPath,
  form: fieldName,
  query: fieldName,
  separator: part,
  prefix: part,
  content,
  timestamp,
  publicUrl,
  encoding: fc.constantFrom("hex", "base64"),
};

/** Settings whose parts at least know of each other. */
const plausibleSignedText = fc
  .record({
    place: oneOf<object>(fc.record({ header: anySignedText.header }), place),
    separator: maybe(part),
    prefix: maybe(part),
    encoding: anySignedText.encoding,
    timestamp: maybe(timestamp),
    extra: fc.array(oneOf(placeholder, literal), { maxLength: 3 }),
  })
  .map(({ place, timestamp, extra, ...rest }) => {
    const signed = "json" in place ? "{json:proof.a}" : "form" in place ? "{form:a:b}" : "{body}";
    const pieces = [timestamp === undefined ? "" : "{timestamp}", signed, ...extra];
    const content = pieces.filter((piece) => timestamp !== undefined || piece !== "{timestamp}").join("");
    const url = content.includes("{url}") ? { publicUrl: "https://hooks.test/a?b=%20c" } : {};
    return { ...place, ...rest, ...url, content, ...(timestamp === undefined ? {} : { timestamp }) };
  })
  .map((settings) => JSON.parse(JSON.stringify(settings)) as object);

const signedText = oneOf<object>(
  plausibleSignedText,
  plausibleSignedText,
  fc.record(anySignedText, { requiredKeys: [] }),
);

/** Settings of a keyed hash, of which many are refused. */
export const hmacSettings = fc
  .tuple(
    signedText,
    fc.record(
      {
        hash: fc.constantFrom("sha1", "sha256", "sha512"),
        key: fc.record(
          { prefix: part, encoding: fc.constantFrom("utf8", "base64", "hex") },
          { requiredKeys: [] },
        ),
      },
      { requiredKeys: [] },
    ),
  )
  .map(([shared, own]) => ({ ...shared, ...own, scheme: "hmac" as const }));

/** Settings of a signature with a public key, of which many are refused. */
export const publicKeySettings = fc
  .tuple(signedText, fc.constantFrom(...publicKeyAlgorithms))
  .map(([shared, algorithm]) => ({ ...shared, algorithm, scheme: "public-key" as const }));

/** Settings of a token, of which some are refused. */
export const tokenSettings = fc
  .record({ header: headerName, query: fc.string({ minLength: 1 }), prefix: part }, { requiredKeys: [] })
  .map((settings) => ({ ...settings, scheme: "token" as const }));

const claimName = fc.constantFrom("email", "sub_id", "__proto__", "toString", "a.b");
const oneOrMore = fc.oneof(
  fc.string({ minLength: 1, maxLength: 5 }),
  fc.array(fc.string({ minLength: 1, maxLength: 5 }), { maxLength: 2 }),
);

/**
 * Settings of a signed token, of which many are refused.
 *
 * @param publicKeys PEM of keys that may be in them
 */
export const jwtSettings = (publicKeys: readonly string[]) => {
  const url = fc.constantFrom(
    "https://keys.test/a",
    "https://keys.test/b?c",
    "https://10.0.0.1/",
    "http://keys.test/",
  );
  const pem = fc.constantFrom(...publicKeys, "no key");
  const inHeader = fc.record(
    { header: headerName, prefix: fc.constantFrom("Bearer ", "v1 ", " x") },
    { requiredKeys: ["header"] },
  );
  const inBody = fc.record({ json: fc.constantFrom("tokens", "a.b", "__proto__") });
  return fc
    .tuple(
      oneOf<object>(inHeader, inHeader, inBody),
      oneOf<object>(
        fc.constant({}),
        fc.record({ keysUrl: url }),
        fc.record({ publicKey: pem }),
        fc.record({ keysUrl: url, publicKey: pem }),
      ),
      fc.record(
        {
          algorithms: oneOf<string[]>(
            fc.subarray([...jwtAlgorithms]),
            fc.subarray(jwtAlgorithms.filter((name) => !name.startsWith("HS"))),
          ),
          issuer: oneOrMore,
          audience: oneOrMore,
          claims: fc.dictionary(claimName, fc.oneof(fc.string(), fc.integer(), fc.boolean()), { maxKeys: 2 }),
          bodyHash: fc.record(
            { claim: claimName, encoding: fc.constantFrom("hex", "base64", "base64url") },
            { requiredKeys: ["claim"] },
          ),
          toleranceSeconds: fc.integer({ min: 1, max: 86_400 }),
        },
        { requiredKeys: ["algorithms"] },
      ),
    )
    .map(([place, key, how]) => ({ ...place, ...key, ...how, scheme: "jwt" as const }));
};
