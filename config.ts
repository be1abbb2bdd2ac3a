import * as pulumi from "@pulumi/pulumi";
import { parseSettings, rawSettings, SettingsError, type SettingsInput } from "./settings/settings.js";

/**
 * Reads the stage's settings from its `Pulumi.<stack>.yaml`.
 *
 * @throws pulumi.RunError that lists every problem with its path; Pulumi shows it without a stack trace
 */
export function readSettings(): SettingsInput {
  const raw = rawSettings(pulumi.runtime.allConfig(), pulumi.getProject());
  try {
    // The pipeline checks them as well, but does not know in which file the problems are.
    parseSettings(raw);
    return raw as SettingsInput;
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new pulumi.RunError(`Pulumi.${pulumi.getStack()}.yaml: ${error.message}`);
  }
}
