import * as pulumi from "@pulumi/pulumi";
import { type Group, schemas } from "./settings/schemas.js";
import {
  parseSettings,
  rawSettings,
  SettingsError,
  type SettingsInput,
  type WebhookPipelineArgs,
} from "./settings/settings.js";

/**
 * Reads the stage's settings from its `Pulumi.<stack>.yaml`.
 *
 * @throws pulumi.RunError that lists every problem with its path; Pulumi shows it without a stack trace
 */
export function readSettings(): WebhookPipelineArgs {
  try {
    const raw = rawSettings(pulumi.runtime.allConfig(), pulumi.getProject());
    // The pipeline checks them as well, but does not know in which file the problems are.
    parseSettings(raw);
    return { ...(raw as SettingsInput), secretGroups: secretGroups() };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new pulumi.RunError(`Pulumi.${pulumi.getStack()}.yaml: ${error.message}`);
  }
}

/** Groups that were set with `--secret`. */
function secretGroups(): Group[] {
  // `Config` knows it too, but tells it by making each value an output, of which no resource can be made.
  const { isConfigSecret } = pulumi.runtime as unknown as { isConfigSecret(key: string): boolean };
  return (Object.keys(schemas) as Group[]).filter((group) =>
    isConfigSecret(`${pulumi.getProject()}:${group}`),
  );
}
