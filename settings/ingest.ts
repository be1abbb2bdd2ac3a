import { z } from "zod";
import { edgeSchemaProblems } from "./edge-schema.js";
import { handshakeSchema } from "./handshake.js";
import { type IdExpression, type IngestSource, idExpression } from "./ingest-source.js";
import { throttling } from "./units.js";

const expression = z.custom<IdExpression>(
  isExpression,
  "must be header:<name>, query:<name>, json:<path> or constant:<letters, digits, _ and ->, such as json:order.id",
);

/** One value, or several that identify a repetition together. A constant would add nothing to them. */
const repetition = z.custom<IdExpression | readonly IdExpression[]>(
  (value) =>
    isExpression(value) ||
    (Array.isArray(value) &&
      value.length > 1 &&
      value.every((part) => isExpression(part) && !part.startsWith("constant:"))),
  "must be header:<name>, query:<name>, json:<path> or constant:<letters, digits, _ and ->, such as json:event.id, " +
    "or a list of at least two of the first three kinds",
);

function isExpression(value: unknown): value is IdExpression {
  return typeof value === "string" && idExpression.test(value);
}

/** An IPv4 or IPv6 address or block of addresses. */
const cidr = z.union([z.cidrv4(), z.cidrv6(), z.ipv4(), z.ipv6()], {
  error: "must be an address or a block of addresses, such as 192.0.2.0/24",
});

const edgeSchema = z.record(z.string(), z.unknown()).superRefine((schema, context) => {
  for (const { path, message } of edgeSchemaProblems(schema)) {
    context.addIssue({ code: "custom", path: [...path], message });
  }
});

/** What the API needs to know about a source, in addition to its name. */
export const ingestShape = {
  throttling: throttling.optional(),
  /** Addresses that the source sends from. Requests from others get 403. */
  allowedCidrs: z.array(cidr).min(1, "must name at least one address: leave it out to allow all").optional(),
  /** Whether the source must send an API key as x-api-key. */
  apiKey: z.boolean().optional(),
  /**
   * JSON schema (draft 4). The gateway answers 400 to bodies that do not fit, and does not keep them: prefer `schema`.
   */
  edgeSchema: edgeSchema.optional(),
  /** On a FIFO queue: the value that identifies the group whose order is kept. */
  orderBy: expression.optional(),
  /**
   * On a FIFO queue: the value by which SQS recognises a repetition within five minutes and drops it, if its body is
   * also the same. A list is several values that identify it together.
   */
  deduplicateBy: repetition.optional(),
  /** The handshake with which the provider asks whether the URL is ours. */
  handshake: handshakeSchema.optional(),
};

/** A source in the form that the REST API needs. */
export function resolveIngest(
  parsed: z.output<z.ZodObject<typeof ingestShape>> & {
    readonly name: string;
    readonly rememberedAs?: string | undefined;
    readonly formerNames?: readonly string[] | undefined;
  },
): IngestSource {
  const { name, throttling, allowedCidrs, apiKey, edgeSchema, orderBy, deduplicateBy, handshake } = parsed;
  const { rememberedAs: key, formerNames } = parsed;
  return {
    name,
    key,
    formerNames,
    throttling,
    allowedCidrs,
    apiKey,
    edgeSchema,
    orderBy,
    deduplicateBy,
    handshake,
  };
}
