import { z } from "zod";
import { isServed, type ServedHandshake } from "../providers/support/handshakes.js";
import { providers } from "../providers/support/known.js";
import { notConfirmed, type Provider } from "../providers/support/provider.js";
import { type Locator, partsOf } from "../runtime/envelope/locator.js";
import {
  locatorsIn,
  type PublicKeyAlgorithm,
  publicKeyAlgorithms,
  type SignatureDefinition,
  type SignedText,
  signsTime,
  signsUrl,
} from "../runtime/signatures/definition.js";
import { readPublicKey } from "../runtime/signatures/public-keys.js";
import { SecretError } from "../runtime/signatures/scheme.js";
import type { EventIdLocator } from "../runtime/stage/definition.js";
import { isHeaderName, isJsonPath, isParameterName } from "./places.js";
import { jwt, keysUrl, oneOrMore, problemsWithTokens, withTokenDetails } from "./signatures/jwt.js";
import {
  headerName,
  type Problem,
  part,
  prefix,
  report,
  separator,
  toleranceSeconds,
} from "./signatures/parts.js";
import { contradictions, headerPlaceProblem, type SignedTextSettings } from "./signatures/signable.js";
import { withoutUndefined } from "./without-undefined.js";

/** A source's signature in the form that the function gets, and what its preset knows about events. */
export interface ResolvedSignature {
  readonly signature: SignatureDefinition;
  /** Name of the provider's file. Absent for a custom scheme. */
  readonly provider?: string;
  /** What identifies the provider's events. Absent for a custom scheme. */
  readonly eventId?: readonly EventIdLocator[];
  /** The handshake that the provider asks for, if the front door has an answer. */
  readonly handshake?: ServedHandshake;
  /** Where the provider puts the event type, if that is known. */
  readonly eventType?: Locator;
}

const jsonPath = z.string().refine(isJsonPath, "must be a path in the body, such as signature.value");

const parameterName = z.string().refine(isParameterName, "must be a name, such as signature");

/** Where a value of the request stands; one of them. */
const place = {
  /** Path in a JSON body. */
  json: jsonPath.optional(),
  /** Field of a form body. */
  form: parameterName.optional(),
  /** Parameter of the query. */
  query: parameterName.optional(),
};

const publicUrl = z
  .string()
  .regex(
    /^https?:\/\/[^\s/?#]+[^\s#]*$/,
    "must be the URL that the sender posts to, byte for byte as the provider knows it",
  )
  .refine(
    (url) => url.isWellFormed(),
    "must be Unicode text: half of a surrogate pair cannot be written as bytes",
  );

const algorithm = z.enum(publicKeyAlgorithms);

/** Settings that both schemes share which sign a text made from the request. */
const signedText = {
  /** One header, or a list of headers of which one must carry a signature that fits. */
  header: z.preprocess(
    (value) => (typeof value === "string" ? [value] : value),
    z.array(headerName).min(1, "must name at least one header").optional(),
  ),
  /** Instead of a header. */
  ...place,
  separator: separator.optional(),
  prefix: prefix.optional(),
  content: z.string().default("{body}"),
  timestamp: z
    .strictObject({
      header: headerName.optional(),
      ...place,
      prefix: prefix.optional(),
      unit: z.enum(["seconds", "milliseconds", "rfc3339"]).default("seconds"),
      toleranceSeconds: toleranceSeconds.default(300),
    })
    .optional(),
  publicUrl: publicUrl.optional(),
};

const hmac = z
  .strictObject({
    scheme: z.literal("hmac"),
    ...signedText,
    hash: z.enum(["sha1", "sha256", "sha512"]).default("sha256"),
    encoding: z.enum(["hex", "base64"]).default("hex"),
    key: z
      .strictObject({
        prefix: prefix.optional(),
        encoding: z.enum(["utf8", "base64", "hex"]).default("utf8"),
      })
      .prefault({}),
  })
  .superRefine((settings, context) => report(signedTextProblems(settings), context))
  .transform(({ hash, encoding, key, ...text }) =>
    resolved({
      kind: "hmac",
      ...resolveSignedText(text),
      hash,
      encoding,
      key: { encoding: key.encoding, ...withoutUndefined({ prefix: key.prefix }) },
    }),
  );

const publicKey = z
  .strictObject({
    scheme: z.literal("public-key"),
    ...signedText,
    algorithm,
    encoding: z.enum(["hex", "base64"]).default("base64"),
    publicKey: part.optional(),
  })
  .superRefine((settings, context) => {
    report(signedTextProblems(settings), context);
    report(publicKeyProblems(settings.publicKey, settings.algorithm), context);
  })
  .transform(({ algorithm, encoding, publicKey, ...text }) =>
    resolved({
      kind: "public-key",
      ...resolveSignedText(text),
      algorithm,
      encoding,
      ...withoutUndefined({ publicKey }),
    }),
  );

const token = z
  .strictObject({
    scheme: z.literal("token"),
    header: headerName.optional(),
    query: part.optional(),
    prefix: prefix.optional(),
  })
  .superRefine(({ header, query }, context) => {
    const message = header === undefined ? undefined : headerPlaceProblem(header);
    if (message !== undefined) report([{ path: "header", message }], context);
    if (header === undefined && query === undefined) {
      report([{ path: "header", message: "is missing (or query, for a token in the URL)" }], context);
    }
    if (header !== undefined && query !== undefined) {
      report(
        [{ path: "query", message: "cannot be combined with header: the token is in one place" }],
        context,
      );
    }
  })
  .transform(({ header, query, prefix }) =>
    resolved({ kind: "token", ...withoutUndefined({ header, query, prefix }) }),
  );

const basic = z.strictObject({ scheme: z.literal("basic") }).transform(() => resolved({ kind: "basic" }));

const none = z.strictObject({ scheme: z.literal("none") }).transform(() => resolved({ kind: "none" }));

/** What only the stage knows of a provider's signature. */
const stageDetails = {
  /** Replaces the provider's largest distance between signed time and receive time. */
  toleranceSeconds: toleranceSeconds.optional(),
  publicUrl: publicUrl.optional(),
  publicKey: part.optional(),
  webhookId: part.optional(),
  keysUrl: keysUrl.optional(),
  issuer: oneOrMore.optional(),
  audience: oneOrMore.optional(),
  serviceAccount: part.optional(),
};

type StageDetails = z.output<z.ZodObject<typeof stageDetails>>;

/** A provider by the name of its file in `providers/`. */
const ofProvider = z
  .strictObject({ scheme: z.enum(Object.keys(providers)), ...stageDetails })
  .superRefine((settings, context) => report(problemsWithProvider(settings), context))
  .transform(({ scheme, ...details }) => {
    const { signature, eventId, eventType, handshake } = providerOf(scheme);
    return {
      signature: withDetails(signature, details),
      provider: scheme,
      eventId,
      ...(isServed(handshake.kind) ? { handshake: handshake.kind } : {}),
      ...(eventType === "none" || eventType === notConfirmed ? {} : { eventType }),
    };
  });

/** How a source proves that a webhook is genuine: a provider's name, or a custom scheme. */
export const signatureSchema = z.discriminatedUnion("scheme", [
  none,
  ofProvider,
  publicKey,
  basic,
  token,
  hmac,
  jwt.transform(resolved),
]);

/** Problems that a schema cannot express: parts of a signed text that need each other. */
function signedTextProblems(
  settings: z.output<z.ZodObject<typeof signedText>> & SignedTextSettings,
): Problem[] {
  const problems = [...placeProblems(settings), ...contentProblems(settings), ...timestampProblems(settings)];
  // An incomplete text would only give more problems of the same cause.
  return problems.length > 0 ? problems : contradictions(settings);
}

function placeProblems({
  header,
  query,
  json,
  form,
  content,
}: Pick<z.output<z.ZodObject<typeof signedText>>, keyof typeof place | "header" | "content">): Problem[] {
  const [named, second] = namesOfPlaces({ header, query, json, form });
  if (named === undefined) {
    return [{ path: "header", message: "is missing (or json, form or query, for a signature elsewhere)" }];
  }
  if (second !== undefined) {
    return [{ path: second, message: `cannot be combined with ${named}: the signature is in one place` }];
  }
  if (named === "header" || named === "query") {
    return /\{(body|form)\}/.test(content)
      ? []
      : [{ path: "content", message: "must contain {body}; otherwise anybody could change the body" }];
  }
  const own = `{${named}:${named === "json" ? "path" : "name"}}`;
  if (!content.includes(`{${named}:`)) {
    return [
      {
        path: "content",
        message: `must contain ${own}, because a body cannot contain a signature of itself`,
      },
    ];
  }
  const whole = /\{(body|form)\}/.exec(content)?.[0];
  return whole === undefined
    ? []
    : [
        {
          path: "content",
          message: `must not contain ${whole}, because a body cannot contain a signature of itself`,
        },
      ];
}

/** The names of those places that are set, in the order in which they are documented. */
function namesOfPlaces<Name extends string>(places: Readonly<Record<Name, unknown>>): Name[] {
  return (Object.keys(places) as Name[]).filter((name) => places[name] !== undefined);
}

function contentProblems({
  content,
  publicUrl,
}: Pick<z.output<z.ZodObject<typeof signedText>>, "content" | "publicUrl">): Problem[] {
  const unknown = [...content.matchAll(/\{([^}]*)\}/g)].find(([, name = ""]) => !isPlaceholder(name));
  if (unknown !== undefined) {
    const known =
      "{body}, {timestamp}, {header:name}, {query:name}, {json:path}, {form:name}, {method}, {url} or {form}";
    return [{ path: "content", message: `${unknown[0]} is unknown: use ${known}` }];
  }
  return urlProblems(content.includes("{url}"), publicUrl, "a scheme without {url} in content");
}

function isPlaceholder(name: string): boolean {
  if (["body", "timestamp", "method", "url", "form"].includes(name)) return true;
  const [locator] = locatorsIn(`{${name}}`);
  if (locator === undefined) return false;
  const { kind, name: named } = partsOf(locator);
  return { header: isHeaderName, query: isParameterName, json: isJsonPath, form: isParameterName }[kind](
    named,
  );
}

function timestampProblems({
  content,
  timestamp,
}: Pick<z.output<z.ZodObject<typeof signedText>>, "content" | "timestamp">): Problem[] {
  const { header, query, json, form } = timestamp ?? {};
  const [named, second] = namesOfPlaces({ header, query, json, form });
  if (second !== undefined) {
    return [{ path: "timestamp", message: `cannot be in two places, ${named} and ${second}: name one` }];
  }
  const signed = content.includes("{timestamp}");
  if (signed === (timestamp !== undefined)) return [];
  // A time in the body is signed with the body.
  if (json !== undefined && content.includes("{body}")) return [];
  if (form !== undefined && /\{(body|form)\}/.test(content)) return [];
  const message =
    "a signed time needs both {timestamp} in content and a timestamp setting that says where the time is";
  return [{ path: signed ? "timestamp" : "content", message }];
}

function urlProblems(signsUrl: boolean, url: string | undefined, scheme: string): Problem[] {
  if (signsUrl && url === undefined) {
    const why = "is missing: the provider signs the URL, so write it byte for byte as the provider knows it";
    return [{ path: "publicUrl", message: why }];
  }
  if (!signsUrl && url !== undefined) {
    return [{ path: "publicUrl", message: `has no effect: ${scheme} does not sign it` }];
  }
  return [];
}

function publicKeyProblems(text: string | undefined, keyAlgorithm: PublicKeyAlgorithm): Problem[] {
  if (text === undefined) return [];
  try {
    readPublicKey(text, keyAlgorithm);
    return [];
  } catch (error) {
    if (!(error instanceof SecretError)) throw error;
    return [{ path: "publicKey", message: `does not fit: ${error.message}` }];
  }
}

function problemsWithProvider({
  scheme,
  toleranceSeconds,
  publicUrl,
  publicKey,
  webhookId,
  ...tokenDetails
}: StageDetails & { readonly scheme: string }): Problem[] {
  const { signature } = providerOf(scheme);
  const problems = urlProblems(signsUrl(signature), publicUrl, scheme);
  const judgesIssue = signature.kind === "jwt" && signature.toleranceSeconds !== undefined;
  if (toleranceSeconds !== undefined && !signsTime(signature) && !judgesIssue) {
    problems.push({ path: "toleranceSeconds", message: `has no effect: ${scheme} does not sign a time` });
  }
  if (signature.kind === "paypal" && webhookId === undefined) {
    problems.push({
      path: "webhookId",
      message: `is missing: ${scheme} signs the id that it gave the webhook`,
    });
  }
  if (signature.kind !== "paypal" && webhookId !== undefined) {
    problems.push({ path: "webhookId", message: `has no effect: ${scheme} does not sign it` });
  }
  if (signature.kind === "public-key") problems.push(...publicKeyProblems(publicKey, signature.algorithm));
  else if (signature.kind !== "jwt" && publicKey !== undefined) {
    problems.push({
      path: "publicKey",
      message: `has no effect: ${scheme} signs with a secret, not a public key`,
    });
  }
  if (signature.kind === "jwt") {
    problems.push(...problemsWithTokens(scheme, signature, { publicKey, ...tokenDetails }));
    return problems;
  }
  for (const [path, value] of Object.entries(tokenDetails)) {
    if (value !== undefined)
      problems.push({ path, message: `has no effect: ${scheme} sends no signed tokens` });
  }
  return problems;
}

/** The provider's scheme with what the stage knows; the schema has let only details pass that have a place in it. */
function withDetails(signature: SignatureDefinition, details: StageDetails): SignatureDefinition {
  const { toleranceSeconds, publicUrl, publicKey, webhookId } = details;
  if (signature.kind === "jwt") {
    return { ...withTokenDetails(signature, details), ...withoutUndefined({ toleranceSeconds }) };
  }
  const detailed = { ...signature, ...withoutUndefined({ publicUrl, publicKey, webhookId }) };
  if (toleranceSeconds === undefined) return detailed as SignatureDefinition;
  if (!("timestamp" in signature)) return { ...detailed, toleranceSeconds } as SignatureDefinition;
  return { ...detailed, timestamp: { ...signature.timestamp, toleranceSeconds } } as SignatureDefinition;
}

function providerOf(scheme: string): Provider {
  const found = providers[scheme];
  if (found === undefined) throw new Error(`there is no providers/${scheme}.ts`);
  return found;
}

type ParsedText = z.output<z.ZodObject<typeof signedText>>;

function resolveSignedText(parsed: ParsedText): Omit<SignedText, "encoding"> {
  const { header, json, form, query, separator, prefix, content, timestamp, publicUrl } = parsed;
  return {
    content,
    ...withoutUndefined({
      header: header?.length === 1 ? header[0] : header,
      json,
      form,
      query,
      separator,
      prefix,
      publicUrl,
      timestamp: timestamp && resolveTimestamp(timestamp),
    }),
  };
}

function resolveTimestamp(parsed: NonNullable<ParsedText["timestamp"]>): SignedText["timestamp"] {
  const { header, json, form, query, prefix, unit, toleranceSeconds } = parsed;
  return { unit, toleranceSeconds, ...withoutUndefined({ header, json, form, query, prefix }) };
}

/** A scheme of one's own, of which no event id or type is known. */
function resolved(signature: SignatureDefinition): ResolvedSignature {
  return { signature };
}
