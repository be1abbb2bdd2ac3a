import { z } from "zod";
import type { Locator, SignatureDefinition, SourceDefinition } from "../runtime/definition.js";
import { presets } from "../runtime/signatures/presets.js";
import { wholeNumber } from "./units.js";

const headerName = z
  .string()
  .regex(/^[!#$%&'*+.^_`|~0-9a-z-]+$/i, "must be a header's name, such as x-signature")
  .transform((name) => name.toLowerCase());

const toleranceSeconds = wholeNumber(1, 86_400, "seconds");

const presetNames = Object.keys(presets);

const presetSignature = z.strictObject({
  scheme: z.enum(presetNames),
  /** Replaces the preset's largest distance between signed time and receive time. */
  toleranceSeconds: toleranceSeconds.optional(),
});

const hmacSignature = z.strictObject({
  scheme: z.literal("hmac"),
  header: headerName,
  hash: z.enum(["sha1", "sha256", "sha512"]).default("sha256"),
  encoding: z.enum(["hex", "base64"]).default("hex"),
  separator: z.string().min(1).optional(),
  prefix: z.string().min(1).optional(),
  content: z.string().default("{body}"),
  timestamp: z
    .strictObject({
      header: headerName.optional(),
      prefix: z.string().min(1).optional(),
      unit: z.enum(["seconds", "milliseconds"]).default("seconds"),
      toleranceSeconds: toleranceSeconds.default(300),
    })
    .optional(),
  key: z
    .strictObject({
      prefix: z.string().min(1).optional(),
      encoding: z.enum(["utf8", "base64", "hex"]).default("utf8"),
    })
    .prefault({}),
});

const signature = z.discriminatedUnion("scheme", [
  z.strictObject({ scheme: z.literal("none") }),
  presetSignature,
  hmacSignature,
]);

const locator = z.custom<Locator>(
  (value) => typeof value === "string" && /^(header:[!#$%&'*+.^_`|~0-9a-z-]+|json:[^\s:]+)$/i.test(value),
  "must be header:<name> or json:<path>, such as header:x-request-id or json:data.id",
);

const source = z
  .strictObject({
    name: z
      .string()
      .regex(/^[a-z0-9-]{1,64}$/, "must be 1 to 64 of a-z, 0-9 and -: it becomes the last part of the path"),
    signature,
    /** Where the sender's event id stands, first match counts. Default: what the preset says. */
    eventId: z.array(locator).min(1).optional(),
  })
  .superRefine(({ signature }, context) => {
    const problem = signatureProblem(signature);
    if (problem !== undefined) context.addIssue({ code: "custom", ...problem });
  })
  .transform(resolveSource);

/** Everybody who sends webhooks here. */
export const sourcesSchema = z
  .array(source)
  .min(1, "must name at least one source: without one no webhook is accepted")
  .max(
    60,
    "must not name more than 60 sources: their secrets' names would not fit into the function's environment",
  );

/** What no shape can say: parts of a signature that only make sense together. */
function signatureProblem(
  settings: z.output<typeof signature>,
): { path: string[]; message: string } | undefined {
  if (namesPreset(settings)) {
    const preset = presets[settings.scheme]?.signature;
    const timed = preset?.kind === "hmac" && preset.timestamp !== undefined;
    if (settings.toleranceSeconds === undefined || timed) return undefined;
    return {
      path: ["signature", "toleranceSeconds"],
      message: `is of no use: ${settings.scheme} signs no time`,
    };
  }
  if (settings.scheme === "none") return undefined;
  const signsTime = settings.content.includes("{timestamp}");
  if (!settings.content.includes("{body}")) {
    return {
      path: ["signature", "content"],
      message: "must contain {body}, else anybody could change the body",
    };
  }
  if (signsTime !== (settings.timestamp !== undefined)) {
    return {
      path: ["signature", signsTime ? "timestamp" : "content"],
      message: "a signed time needs both {timestamp} in content and a timestamp that says where it stands",
    };
  }
  const unknown = [...settings.content.matchAll(/\{([^}]*)\}/g)].find(
    ([, name = ""]) => !/^(body|timestamp|header:[!#$%&'*+.^_`|~0-9a-z-]+)$/.test(name),
  );
  return unknown === undefined
    ? undefined
    : {
        path: ["signature", "content"],
        message: `${unknown[0]} is unknown: use {body}, {timestamp} or {header:name}`,
      };
}

/** Presets become the scheme they stand for, so that the function knows schemes only. */
function resolveSource(settings: {
  name: string;
  signature: z.output<typeof signature>;
  eventId?: Locator[] | undefined;
}): SourceDefinition {
  const { name, signature, eventId } = settings;
  const preset = presets[signature.scheme];
  return {
    name,
    signature: resolveSignature(signature),
    eventId: eventId ?? preset?.eventId ?? [],
  };
}

function resolveSignature(settings: z.output<typeof signature>): SignatureDefinition {
  if (!namesPreset(settings)) {
    const { scheme, ...parts } = settings;
    return withoutUndefined({ kind: scheme, ...parts }) as SignatureDefinition;
  }
  const preset = presets[settings.scheme];
  if (preset === undefined) throw new Error(`unknown preset ${settings.scheme}`);
  const { signature: resolved } = preset;
  if (settings.toleranceSeconds === undefined || resolved.kind !== "hmac" || !resolved.timestamp)
    return resolved;
  return { ...resolved, timestamp: { ...resolved.timestamp, toleranceSeconds: settings.toleranceSeconds } };
}

function namesPreset(settings: z.output<typeof signature>): settings is z.output<typeof presetSignature> {
  return settings.scheme in presets;
}

/** Drops keys that were left out, which zod keeps as undefined. */
function withoutUndefined(value: object): object {
  return JSON.parse(JSON.stringify(value)) as object;
}
