import type { z } from "zod";
import { alarmsSchema } from "./alarms/alarms.js";
import { pipelineEventsSchema } from "./events/pipeline-events.js";
import {
  apiSchema,
  dashboardSchema,
  encryptionSchema,
  formerApiSchema,
  formerEncryptionSchema,
  historySchema,
  processorSchema,
  protectSchema,
  queueSchema,
  tagsSchema,
} from "./groups.js";
import { sourcesSchema } from "./sources.js";

/** The groups of settings, by their names in a stage's file. */
export const schemas = {
  sources: sourcesSchema,
  api: apiSchema,
  queue: queueSchema,
  processor: processorSchema,
  history: historySchema,
  alarms: alarmsSchema,
  dashboard: dashboardSchema,
  events: pipelineEventsSchema,
  encryption: encryptionSchema,
  protect: protectSchema,
  tags: tagsSchema,
  formerApi: formerApiSchema,
  formerEncryption: formerEncryptionSchema,
};

export type Group = keyof typeof schemas;

type Groups = z.ZodObject<typeof schemas>;

/** Settings as they are written in a stage's file or in a program. Everything except `sources` may be left out. */
export type SettingsInput = z.input<Groups>;

/** The settings, and which of them are secret. */
export type WebhookPipelineArgs = SettingsInput & {
  /**
   * Groups of settings that hold a secret. What is made from them is encrypted in Pulumi's state.
   *
   * @default none
   */
  readonly secretGroups?: readonly Group[];
};

/** The groups, each valid by itself. */
export type Parsed = z.output<Groups>;

/** Complete and checked settings. */
export interface Settings extends Parsed {
  readonly queue: Parsed["queue"] & { readonly visibilityTimeoutSeconds: number };
  readonly processor: Parsed["processor"] & { readonly batchSize: number };
  readonly alarms: Parsed["alarms"] & { readonly oldestMessageSeconds: number };
}

/** The groups that are valid so far. */
export type Partially = { [group in Group]?: Parsed[group] | undefined };
