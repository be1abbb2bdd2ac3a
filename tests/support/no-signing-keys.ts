import type { SigningKeys } from "../../runtime/signatures/signing-keys.js";

/** For stages without a source whose keys are fetched. */
export const noSigningKeys: SigningKeys = {
  of: ({ url }) => Promise.reject(new Error(`somebody asked for the keys at ${url}`)),
  newerThan: ({ url }) => Promise.reject(new Error(`somebody asked for newer keys at ${url}`)),
};
