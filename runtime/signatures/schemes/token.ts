import type { TokenSignature } from "../definition.js";
import { readHeader } from "../request-values.js";
import {
  equalSecrets,
  isUnverified,
  type Scheme,
  type SignedRequest,
  type Unverified,
  unverified,
} from "../scheme.js";

/** What to store, after "store ". */
export const tokenForm = "the token alone, as plain text";

/** The sender shows the secret itself. */
export const token: Scheme<TokenSignature> = (definition, request) => {
  const value = readToken(definition, request);
  if (isUnverified(value)) return value;
  const { header, query, prefix = "" } = definition;
  const place = header ?? `the query parameter ${query}`;
  if (!value.startsWith(prefix)) return unverified(`${place} does not start with ${prefix.trim()}`);
  const shown = value.slice(prefix.length);
  return {
    mismatch: `${place} does not contain an active secret of the source`,
    secretForm: tokenForm,
    fits(secret) {
      if (secret === "") return false;
      // Some store the header's whole value, `Bearer …`. A token itself has no space, so it cannot begin like that.
      const isWhole = prefix.endsWith(" ") && secret.startsWith(prefix);
      return equalSecrets(shown, isWhole ? secret.slice(prefix.length) : secret);
    },
  };
};

function readToken({ header, query }: TokenSignature, request: SignedRequest): string | Unverified {
  if (header !== undefined) return readHeader(header, request);
  const [value, ...others] = request.query.filter(([name]) => name === query).map(([, text]) => text);
  if (value === undefined) return unverified(`the query parameter ${query} is missing`);
  if (others.length > 0) return unverified(`the query parameter ${query} occurs ${others.length + 1} times`);
  return value;
}
