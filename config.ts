import * as pulumi from "@pulumi/pulumi";
import { parseSettings, rawSettings, type Settings, SettingsError } from "./settings/settings.js";

/**
 * Reads the stage's settings from its `Pulumi.<stack>.yaml`.
 *
 * @throws pulumi.RunError that lists every problem with its path; Pulumi shows it without a stack trace
 */
export function readSettings(): Settings {
  try {
    return parseSettings(rawSettings(pulumi.runtime.allConfig(), pulumi.getProject()));
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new pulumi.RunError(`Pulumi.${pulumi.getStack()}.yaml: ${error.message}`);
  }
}
