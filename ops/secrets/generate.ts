import { randomBytes } from "node:crypto";
import { RefusedError } from "../../command-line/command-error.js";
import { isChosenByReceiver } from "../../providers/support/provider.js";
import { forwardKey } from "../../runtime/forward/sign.js";
import { makeSenderKeys } from "../../samples/sender-keys.js";
import type { StageSecret } from "./stage-secrets.js";

/**
 * Makes a secret of the form that its source can use.
 *
 * @throws RefusedError for one that the sender makes
 */
export function generateSecret({ name, checks }: StageSecret): string {
  if (checks === undefined) return forwardKey.prefix + randomBytes(32).toString("base64");
  const { signature, provider } = checks;
  if (provider !== undefined && !isChosenByReceiver(provider)) {
    const { store, shownAt } = provider.secret;
    throw new RefusedError(
      `${provider.displayName} makes the secret of source "${name}" itself, so none can be generated`,
      { next: `store ${store}; where it is shown: ${shownAt}` },
    );
  }
  const { secret, privateKey } = makeSenderKeys(signature) ?? {};
  if (secret !== undefined && privateKey === undefined) return secret;
  throw new RefusedError(
    `source "${name}" checks with a public key, whose private key only the sender may have: none can be generated`,
  );
}
