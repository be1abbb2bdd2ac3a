import { z } from "zod";
import { busNameOrArn } from "../targets/arns.js";

/** Events about the pipeline itself, such as a webhook in the dead-letter queue: docs/events.md. */
export const pipelineEventsSchema = z
  .strictObject({
    /** The EventBridge bus that they go to. It must exist already. */
    bus: busNameOrArn,
  })
  .optional();
