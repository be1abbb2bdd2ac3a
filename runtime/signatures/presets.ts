import { bodyHmacPresets } from "./presets/body-hmac.js";
import { ownSchemePresets } from "./presets/own-schemes.js";
import type { Preset } from "./presets/preset.js";
import { sharedSecretPresets } from "./presets/shared-secret.js";
import { timedHmacPresets } from "./presets/timed-hmac.js";
import { urlBoundPresets } from "./presets/url-bound.js";

export type { Preset } from "./presets/preset.js";

/**
 * The providers that a stage can name. Plain data, which the settings resolve: the function knows schemes only.
 * docs/signatures.md has them in one table, with what is not confirmed and what each one's limits are.
 */
export const presets: Readonly<Record<string, Preset>> = {
  ...bodyHmacPresets,
  ...timedHmacPresets,
  ...urlBoundPresets,
  ...sharedSecretPresets,
  ...ownSchemePresets,
};
