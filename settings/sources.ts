import { z } from "zod";
import { needsToken } from "../providers/support/handshakes.js";
import { type SourceDefinition, secretNamesOf } from "../runtime/stage/definition.js";
import { type SourceChanges, sourceChangesShape } from "./changes/source-changes.js";
import { eventIdProblems } from "./events/event-ids.js";
import { type Handshake, resolveHandshake } from "./handshake.js";
import { ingestShape, resolveIngest } from "./ingest.js";
import type { IngestSource } from "./ingest-source.js";
import { eventIdLocator } from "./places.js";
import { processingProblems, processingShape, resolveProcessing } from "./processing.js";
import { type BreakerSettings, sourceBreakerSchema } from "./retries/breaker.js";
import { signatureSchema } from "./signatures.js";
import {
  resolveSubscribers,
  type SubscriberSettings,
  subscriberProblems,
  subscribersSchema,
  takersOf,
} from "./subscribers/subscribers.js";
import { wholeNumber } from "./units.js";

const sourceName = z
  .string()
  .regex(
    /^(?=.{1,64}$)[a-z0-9]+(-+[a-z0-9]+)*$/,
    "must be 1 to 64 characters of a-z, 0-9 and -, and begin and end with a letter or digit: it becomes the last part of the path",
  );

const source = z.strictObject({
  name: sourceName,
  ...sourceChangesShape(sourceName),
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
  /** Its sender is never silent for longer than this. Otherwise an alarm pages. Default: it may be. */
  expectEveryMinutes: wholeNumber(5, 1_440, "minutes").optional(),
  /** Replaces `processor.breaker` for this source. */
  breaker: sourceBreakerSchema,
  ...ingestShape,
  ...processingShape,
  /** Who each get every webhook, instead of a handler file or `forward`: docs/subscribers.md. */
  subscribers: subscribersSchema(sourceName).optional(),
});

/** A source, with what is known of its provider filled in. */
const completeSource = source
  .transform(({ signature: { provider, eventId, eventType, signature, handshake }, ...settings }) => ({
    ...settings,
    signature,
    provider,
    // A preset's handshake is part of it, unless the stage has to name a token.
    handshake:
      settings.handshake ??
      (handshake === undefined || needsToken(handshake) ? undefined : { kind: handshake }),
    askedBy: handshake,
    eventId: settings.eventId ?? eventId,
    eventType: settings.eventType ?? eventType,
  }))
  .superRefine((settings, context) => {
    if (settings.askedBy !== undefined && settings.handshake === undefined) {
      context.addIssue({
        code: "custom",
        path: ["handshake"],
        message:
          `is missing: the provider asks whether the URL is yours. Write { kind: ${settings.askedBy}, verifyToken: … }, ` +
          "or { kind: none } if another server answers",
      });
    }
    const { eventId, signature } = settings;
    const problems = [
      ...eventIdProblems(eventId, signature),
      ...processingProblems({ ...settings, eventId: eventId ?? [] }),
      ...subscriberProblems(settings),
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
  /** The name in URNs, messages and the history. It stays when the source is renamed. */
  readonly key: string;
  /** Name of the provider's file. Absent for a scheme of one's own. */
  readonly provider?: string;
  readonly changes: SourceChanges;
  readonly definition: SourceDefinition;
  readonly ingest: IngestSource;
  readonly queue: "shared" | "dedicated";
  readonly subscribers: readonly SubscriberSettings[];
  /** Absent: the stage's. */
  readonly breaker?: BreakerSettings;
  /** After how long a silence an alarm pages. Absent: never. */
  readonly expectEveryMinutes?: number;
  /** Lower case. */
  readonly carryHeaders: readonly string[];
}

/** A secret that a source needs. */
export interface SourceSecret {
  /** What the function and the outputs call it. */
  readonly name: string;
  /** The same under the source's key, which starts the resource's name. */
  readonly key: string;
}

/** Secrets that a source needs: its own, and the one that forwarded webhooks are signed with. */
export function secretsOf({ key, definition }: Pick<SourceSettings, "key" | "definition">): SourceSecret[] {
  const keys = secretNamesOf({ ...definition, name: key });
  return secretNamesOf(definition).map((name, index) => ({ name, key: keys[index] ?? name }));
}

function resolveSource(settings: z.output<typeof completeSource>): SourceSettings {
  const { name, queue, carryHeaders = [], signature, provider, eventId, handshake } = settings;
  if (eventId === undefined) throw new Error(`source ${name} has no event id`);
  const { rememberedAs, formerNames = [], formerQueue, formerSecrets = [], retiring } = settings;
  const subscribers = resolveSubscribers(settings.subscribers ?? [], {
    name,
    signature,
    eventType: settings.eventType,
    redact: settings.redact,
    keepPayload: settings.keepPayload,
    rememberedAs,
  });
  const takers = takersOf(subscribers);
  return {
    name,
    key: rememberedAs ?? name,
    ...(provider === undefined ? {} : { provider }),
    changes: { formerNames, formerQueue, formerSecrets, retiring, renamed: rememberedAs !== undefined },
    definition: {
      name,
      ...(rememberedAs === undefined ? {} : { rememberedAs }),
      signature,
      eventId,
      ...resolveProcessing(settings),
      ...postedQuestion(handshake),
      ...(takers === undefined ? {} : { subscribers: takers }),
      ...(settings.expectEveryMinutes === undefined ? {} : { expected: true }),
    },
    ingest: resolveIngest(settings),
    queue,
    subscribers,
    ...(settings.breaker === undefined ? {} : { breaker: settings.breaker }),
    ...(settings.expectEveryMinutes === undefined ? {} : { expectEveryMinutes: settings.expectEveryMinutes }),
    carryHeaders,
  };
}

/** What the function has to know of a handshake. It never gets the token. */
function postedQuestion(handshake: Handshake | undefined): Pick<SourceDefinition, "handshake"> {
  const resolved = handshake && resolveHandshake(handshake);
  if (resolved?.kind !== "echo" || resolved.method !== "POST") return {};
  const { challenge, requires, signed } = resolved;
  return {
    handshake: {
      challenge,
      ...(requires === undefined ? {} : { requires }),
      ...(signed === undefined ? {} : { signed }),
    },
  };
}
