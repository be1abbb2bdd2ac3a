import { createHash } from "node:crypto";
import { parseJson } from "../../envelope/json.js";
import { type JwtSignature, jwtAlgorithms } from "../definition.js";
import { readHeader } from "../request-values.js";
import {
  equalSecrets,
  isUnverified,
  type Scheme,
  type SignedRequest,
  type Unverified,
  unverified,
} from "../scheme.js";
import { timeProblem } from "../timestamp.js";
import type { Token } from "../verify-token.js";

/**
 * A signed JSON Web Token. Here its form is checked, and what it says about the body. The library that checks its
 * signature and the rest of its claims is loaded for the first token that gets this far.
 */
export const jwt: Scheme<JwtSignature> = (definition, request) => {
  const texts = readTexts(definition, request);
  if (isUnverified(texts)) return texts;
  const place = placeOf(definition);
  const tokens: Token[] = [];
  for (const text of texts) {
    const token = parseToken(text);
    if (token === undefined) return unverified(`${place} does not contain a signed token`);
    const problem = problemBeforeKeys(token, definition, request);
    if (problem !== undefined) return problem;
    tokens.push(token);
  }
  return {
    mismatch: mismatch(place, definition),
    keyIds: tokens.flatMap(({ keyId }) => keyId ?? []),
    async fits(key) {
      const { verifyToken } = await import("../verify-token.js");
      for (const token of tokens) {
        const fit = await verifyToken(token, key, definition, request);
        if (fit !== true) return fit;
      }
      return true;
    },
  };
};

function readTexts(
  { header, prefix = "", json = "" }: JwtSignature,
  request: SignedRequest,
): string[] | Unverified {
  if (header === undefined) return readList(json, request);
  const value = readHeader(header, request);
  if (isUnverified(value)) return value;
  if (!value.startsWith(prefix)) return unverified(`${header} does not start with ${prefix.trim()}`);
  return [value.slice(prefix.length).trim()];
}

function readList(name: string, { body }: SignedRequest): string[] | Unverified {
  const root = parseJson(body);
  const list =
    typeof root === "object" && root !== null && Object.hasOwn(root, name)
      ? (root as Record<string, unknown>)[name]
      : undefined;
  if (!Array.isArray(list) || list.length === 0 || !list.every((item) => typeof item === "string")) {
    return unverified(`the body has no list of tokens at ${name}`);
  }
  if (list.length > mostTokens) return unverified(`the body has more than ${mostTokens} tokens at ${name}`);
  return list;
}

/** Each token costs the check of a signature. A sender that sends more is not trusted to. */
const mostTokens = 100;

function placeOf({ header, json }: JwtSignature): string {
  return header ?? `the body's ${json}`;
}

function parseToken(text: string): Token | undefined {
  const [header, claims, signature, ...others] = text.split(".");
  if (header === undefined || claims === undefined || !signature || others.length > 0) return undefined;
  if (!/^[A-Za-z0-9_.-]+$/.test(text)) return undefined;
  const head = parseObject(header);
  const body = parseObject(claims);
  const algorithm = jwtAlgorithms.find((name) => name === head?.alg);
  if (head === undefined || body === undefined || algorithm === undefined) return undefined;
  return { text, algorithm, claims: body, ...(typeof head.kid === "string" ? { keyId: head.kid } : {}) };
}

function parseObject(part: string): Readonly<Record<string, unknown>> | undefined {
  const value = parseJson(Buffer.from(part, "base64url"));
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}

function problemBeforeKeys(
  { algorithm, claims }: Token,
  { algorithms, bodyHash, toleranceSeconds }: JwtSignature,
  request: SignedRequest,
): Unverified | undefined {
  if (!algorithms.includes(algorithm)) {
    return unverified(`the token is signed with ${algorithm}; accepted is ${algorithms.join(", ")}`);
  }
  if (bodyHash !== undefined) {
    const claimed = claims[bodyHash.claim];
    if (typeof claimed !== "string") return unverified(`the token has no claim ${bodyHash.claim}`);
    const hash = createHash("sha256").update(request.body).digest(bodyHash.encoding);
    if (!equalSecrets(claimed, hash)) {
      return unverified(
        `the token's claim ${bodyHash.claim} is not the sha256 of the body. Usual cause: the body was changed on its way`,
      );
    }
  }
  if (toleranceSeconds === undefined) return undefined;
  const { iat } = claims;
  if (typeof iat !== "number") return unverified("the token has no time of issue (iat)");
  return timeProblem(String(Math.floor(iat)), "seconds", toleranceSeconds, request);
}

function mismatch(place: string, { keys }: JwtSignature): string {
  if (keys === undefined) {
    return (
      `${place} was not made with an active key of the source. ` +
      "Usual cause: the key of another endpoint or of another kind is stored"
    );
  }
  return `${place} was made with a key that is not among those at ${keys.url}`;
}
