import { bodyHmacProviders } from "./body-hmac.js";
import { ownSchemeProviders } from "./own-schemes.js";
import type { Provider } from "./provider.js";
import { sharedSecretProviders } from "./shared-secret.js";
import { timedHmacProviders } from "./timed-hmac.js";
import { urlBoundProviders } from "./url-bound.js";

/** A sender for every preset, by its name. */
export const providers: Readonly<Record<string, Provider>> = {
  ...bodyHmacProviders,
  ...timedHmacProviders,
  ...urlBoundProviders,
  ...sharedSecretProviders,
  ...ownSchemeProviders,
};
