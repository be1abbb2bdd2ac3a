import * as pulumi from "@pulumi/pulumi";
import { parseSettings, type Settings, SettingsError } from "./settings/settings.js";

/**
 * Reads the stage's settings from its `Pulumi.<stack>.yaml`.
 *
 * @throws pulumi.RunError that lists every problem with its path; Pulumi shows it without a stack trace
 */
export function readSettings(): Settings {
  const namespace = `${pulumi.getProject()}:`;
  const raw: Record<string, unknown> = {};
  for (const [key, text] of Object.entries(pulumi.runtime.allConfig())) {
    if (key.startsWith(namespace)) raw[key.slice(namespace.length)] = structured(text);
  }

  try {
    return parseSettings(raw);
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    throw new pulumi.RunError(`Pulumi.${pulumi.getStack()}.yaml: ${error.message}`);
  }
}

/** The engine hands over objects and lists as JSON, everything else as it stands. */
function structured(text: string): unknown {
  return /^\s*[[{]/.test(text) ? JSON.parse(text) : text;
}
