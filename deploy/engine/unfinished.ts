import { RefusedError } from "../../command-line/command-error.js";
import { nameOf, typeOf } from "../plan/changes.js";
import type { PendingOperation, StackState } from "./stage.js";

/**
 * An update makes anew what an interrupted one had begun to make, and forgets the first.
 *
 * @throws RefusedError if an operation is unfinished
 */
export function refuseUnfinished(stack: string, { pendingOperations }: StackState): void {
  if (pendingOperations.length === 0) return;
  throw new RefusedError(
    [
      "an interrupted update has left operations unfinished:",
      ...pendingOperations.map((each) => `  ${operationText(each)}`),
    ].join("\n"),
    { next: `npm run deploy -- recover --stack ${stack}` },
  );
}

/** `creating Queue webhooks-queue` */
export function operationText({ type, resource }: PendingOperation): string {
  return `${type} ${typeOf(resource.type)} ${nameOf(resource.urn)}`;
}
