import { z } from "zod";
import { sourceNamePattern } from "../runtime/envelope/envelope.js";
import type { SourceDefinition } from "../runtime/stage/definition.js";
import { eventIdProblems } from "./events/event-ids.js";
import { ingestShape, resolveIngest } from "./ingest.js";
import type { IngestSource } from "./ingest-source.js";
import { eventIdLocator } from "./places.js";
import { processingProblems, processingShape, resolveProcessing } from "./processing.js";
import { signatureSchema } from "./signatures.js";

const source = z.strictObject({
  name: z
    .string()
    .regex(
      sourceNamePattern,
      "must be 1 to 64 characters of a-z, 0-9 and -: it becomes the last part of the path",
    ),
  signature: signatureSchema,
  /**
   * What an event is known by; the first that is there counts. Default: what the provider's file says. A scheme of one's
   * own has no default.
   */
  eventId: z.array(eventIdLocator).min(1).optional(),
  /** `dedicated` gives the source its own queue, dead-letter queue, function and alarms. */
  queue: z.enum(["shared", "dedicated"]).default("shared"),
  /**
   * With api.kind http: headers that handlers and forwarding need, in addition to those that hold signature, event id
   * and event type. A REST API carries all headers.
   */
  carryHeaders: z
    .array(z.string().transform((name) => name.toLowerCase()))
    .min(1, "must name at least one header: leave it out if the headers that are always carried are enough")
    .optional(),
  ...ingestShape,
  ...processingShape,
});

/** A source, with what is known of its provider filled in. */
const completeSource = source
  .transform(({ signature: { eventId, eventType, signature }, ...settings }) => ({
    ...settings,
    signature,
    eventId: settings.eventId ?? eventId,
    eventType: settings.eventType ?? eventType,
  }))
  .superRefine((settings, context) => {
    const { eventId, signature } = settings;
    const problems = [
      ...eventIdProblems(eventId, signature),
      ...processingProblems({ ...settings, eventId: eventId ?? [] }),
    ];
    for (const { path, message } of problems) {
      context.addIssue({ code: "custom", path: [...path], message });
    }
  });

/** All senders of webhooks. */
export const sourcesSchema = z
  .array(completeSource.transform(resolveSource))
  .min(1, "must name at least one source: without one no webhook is accepted");

/** One sender, for the function and for the API. */
export interface SourceSettings {
  readonly name: string;
  readonly definition: SourceDefinition;
  readonly ingest: IngestSource;
  readonly queue: "shared" | "dedicated";
  /** Lower case. */
  readonly carryHeaders: readonly string[];
}

function resolveSource(settings: z.output<typeof completeSource>): SourceSettings {
  const { name, queue, carryHeaders = [], signature, eventId, handshake } = settings;
  if (eventId === undefined) throw new Error(`source ${name} has no event id`);
  return {
    name,
    definition: {
      name,
      signature,
      eventId,
      ...resolveProcessing(settings),
      ...(handshake === undefined ? {} : { handshake: { kind: handshake.kind } }),
    },
    ingest: resolveIngest(settings),
    queue,
    carryHeaders,
  };
}
