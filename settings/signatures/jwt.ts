import { z } from "zod";
import { refusePrivateHost } from "../../runtime/network/address-guard.js";
import { type JwtAlgorithm, type JwtSignature, jwtAlgorithms } from "../../runtime/signatures/definition.js";
import { algorithmsOfKey, readPem } from "../../runtime/signatures/public-keys.js";
import { withoutUndefined } from "../without-undefined.js";
import { headerName, type Problem, part, prefix, report, toleranceSeconds } from "./parts.js";
import { headerPlaceProblem } from "./signable.js";

/** Address of a JSON Web Key Set. The function fetches nothing from any other address. */
export const keysUrl = z
  .string()
  .refine(
    isPublicAddress,
    "must be an https:// URL on the public internet, such as https://a.test/.well-known/jwks.json",
  );

/** One text, or a list of which one must fit. */
export const oneOrMore = z.union([part, z.array(part).min(1, "must have at least one entry")]);

/** A scheme of one's own with signed tokens. */
export const jwt = z
  .strictObject({
    scheme: z.literal("jwt"),
    header: headerName.optional(),
    prefix: prefix.optional(),
    /** Member of a JSON body with a list of tokens, instead of a header. */
    json: part.optional(),
    /** Those that are accepted. */
    algorithms: z.array(z.enum(jwtAlgorithms)).min(1, "must name at least one algorithm"),
    keysUrl: keysUrl.optional(),
    publicKey: part.optional(),
    issuer: oneOrMore.optional(),
    audience: oneOrMore.optional(),
    /** Further claims that a token must have with these values. */
    claims: z.record(part, z.union([z.string(), z.number(), z.boolean()])).optional(),
    bodyHash: z
      .strictObject({ claim: part, encoding: z.enum(["hex", "base64", "base64url"]).default("base64") })
      .optional(),
    toleranceSeconds: toleranceSeconds.optional(),
  })
  .superRefine((settings, context) =>
    report(
      [
        ...placeProblems(settings),
        ...keyProblems(settings),
        ...purposeProblems(settings),
        ...claimProblems(settings),
      ],
      context,
    ),
  )
  .transform(({ scheme, header, prefix, json, claims, ...settings }): JwtSignature => {
    const { algorithms, keysUrl, publicKey, issuer, audience, bodyHash, toleranceSeconds } = settings;
    return withTokenDetails(
      {
        kind: scheme,
        algorithms,
        ...withoutUndefined({ header, prefix, json, bodyHash, toleranceSeconds }),
        ...(claims === undefined
          ? {}
          : { claims: Object.entries(claims).map(([name, value]) => ({ name, value })) }),
      },
      { keysUrl, publicKey, issuer, audience },
    );
  });

interface TokenDetails {
  readonly keysUrl?: string | undefined;
  readonly publicKey?: string | undefined;
  readonly issuer?: string | readonly string[] | undefined;
  readonly audience?: string | readonly string[] | undefined;
  readonly serviceAccount?: string | undefined;
}

/** A token's scheme with what only the stage knows. A public key decides which of the algorithms are left. */
export function withTokenDetails(
  signature: JwtSignature,
  { keysUrl, publicKey, issuer, audience, serviceAccount }: TokenDetails,
): JwtSignature {
  const { keys, claims = [] } = signature;
  const source = keysUrl === undefined ? keys : { kind: keys?.kind ?? "key-set", url: keysUrl };
  const ofAccount = serviceAccount === undefined ? [] : [{ name: "email", value: serviceAccount }];
  const allClaims = [...claims, ...ofAccount];
  return {
    ...signature,
    algorithms: fittingAlgorithms(signature.algorithms, { keysUrl, publicKey }),
    ...withoutUndefined({ keys: source, publicKey, issuer, audience }),
    ...(allClaims.length === 0 ? {} : { claims: allClaims }),
  };
}

/** What is wrong with the settings of a provider that sends tokens. */
export function problemsWithTokens(
  scheme: string,
  { algorithms, keys, needs = [] }: JwtSignature,
  details: TokenDetails,
): Problem[] {
  const { keysUrl, publicKey, serviceAccount } = details;
  const problems: Problem[] = needs
    .filter((name) => details[name] === undefined)
    .map((name) => ({ path: name, message: `is missing: ${reasons[name]}` }));
  if (serviceAccount !== undefined && !needs.includes("serviceAccount")) {
    problems.push({ path: "serviceAccount", message: `has no effect: ${scheme} does not sign with one` });
  }
  if (publicKey !== undefined && keys !== undefined) {
    problems.push({
      path: "publicKey",
      message: `has no effect: ${scheme} publishes its keys, which are fetched`,
    });
    return problems;
  }
  return [
    ...problems,
    ...keyProblems({ algorithms: fittingAlgorithms(algorithms, details), keysUrl, publicKey }),
  ];
}

const reasons = {
  issuer: "name the one whose tokens are meant, because others sign with the same keys",
  audience: "without it a token that was made for somebody else would be accepted",
  serviceAccount:
    "every Google account can get such a token, so name the one that the subscription signs with",
} as const;

function fittingAlgorithms(
  algorithms: readonly JwtAlgorithm[],
  { keysUrl, publicKey }: Pick<TokenDetails, "keysUrl" | "publicKey">,
): readonly JwtAlgorithm[] {
  const key = publicKey === undefined ? undefined : readPem(publicKey);
  if (key !== undefined) return algorithms.filter((algorithm) => algorithmsOfKey(key).includes(algorithm));
  const isPublic = (keysUrl ?? publicKey) !== undefined;
  return isPublic ? algorithms.filter((algorithm) => !isShared(algorithm)) : algorithms;
}

/** Whether an algorithm signs with a secret that the receiver has too. */
function isShared(algorithm: JwtAlgorithm): boolean {
  return algorithm.startsWith("HS");
}

function placeProblems({
  header,
  json,
  prefix,
}: {
  readonly header?: string | undefined;
  readonly json?: string | undefined;
  readonly prefix?: string | undefined;
}): Problem[] {
  if (header === undefined && json === undefined) {
    return [{ path: "header", message: "is missing (or json, for tokens in the body)" }];
  }
  if (header !== undefined && json !== undefined) {
    return [{ path: "json", message: "cannot be combined with header: the token is in one place" }];
  }
  if (json !== undefined && prefix !== undefined) {
    return [{ path: "prefix", message: "has no effect: tokens in the body have none" }];
  }
  const message = header === undefined ? undefined : headerPlaceProblem(header);
  return message === undefined ? [] : [{ path: "header", message }];
}

function keyProblems({
  algorithms,
  keysUrl,
  publicKey,
}: Pick<TokenDetails, "keysUrl" | "publicKey"> & {
  readonly algorithms: readonly JwtAlgorithm[];
}): Problem[] {
  if (keysUrl !== undefined && publicKey !== undefined) {
    return [{ path: "publicKey", message: "cannot be combined with keysUrl: the key comes from one place" }];
  }
  const shared = algorithms.find(isShared);
  if (shared !== undefined && (keysUrl ?? publicKey) !== undefined) {
    const message = `cannot contain ${shared} together with a public key, which would be everybody's secret`;
    return [{ path: "algorithms", message }];
  }
  if (publicKey === undefined) return [];
  const key = readPem(publicKey);
  if (key === undefined) {
    return [
      { path: "publicKey", message: "does not fit: it must be the PEM of a public key or a certificate" },
    ];
  }
  const ofKey = algorithmsOfKey(key);
  if (algorithms.some((algorithm) => ofKey.includes(algorithm))) return [];
  const message =
    ofKey.length === 0
      ? "does not fit: it is neither ed25519, nor on the curve P-256, P-384 or P-521, nor RSA with 2048 bits or more"
      : `does not fit: such a key signs with ${ofKey.join(", ")}`;
  return [{ path: "publicKey", message }];
}

/** Keys of an issuer sign tokens for everybody. Something must bind a token to this source. */
function purposeProblems({
  keysUrl,
  audience,
  bodyHash,
}: Pick<TokenDetails, "keysUrl" | "audience"> & { readonly bodyHash?: unknown }): Problem[] {
  if (keysUrl === undefined || audience !== undefined || bodyHash !== undefined) return [];
  return [{ path: "audience", message: `is missing: ${reasons.audience}` }];
}

/** Claims that have settings of their own, or that the check of a token's times uses. */
const claimsOfTokens = ["iss", "aud", "exp", "nbf", "iat"];

function claimProblems({
  json,
  claims = {},
  bodyHash,
}: {
  readonly json?: string | undefined;
  readonly claims?: Readonly<Record<string, unknown>> | undefined;
  readonly bodyHash?: { readonly claim: string } | undefined;
}): Problem[] {
  const taken = Object.keys(claims).find((name) => claimsOfTokens.includes(name));
  if (taken !== undefined) {
    return [
      {
        path: "claims",
        message: `cannot contain ${taken}: issuer and audience are settings, and times are checked`,
      },
    ];
  }
  if (bodyHash === undefined) return [];
  if (json !== undefined) {
    return [
      { path: "bodyHash", message: "cannot be combined with json: a body cannot contain a hash of itself" },
    ];
  }
  return claimsOfTokens.includes(bodyHash.claim) || Object.hasOwn(claims, bodyHash.claim)
    ? [{ path: "bodyHash", message: `cannot be in ${bodyHash.claim}: that claim is for something else` }]
    : [];
}

function isPublicAddress(text: string): boolean {
  try {
    const { protocol, hostname, username, password, hash } = new URL(text);
    refusePrivateHost(hostname);
    return protocol === "https:" && username === "" && password === "" && hash === "";
  } catch {
    return false;
  }
}
