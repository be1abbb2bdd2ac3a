import { z } from "zod";
import { forwardSecretName } from "../../runtime/stage/definition.js";

/** The part of a source's settings that says how it changes. */
export function sourceChangesShape<Name extends z.ZodType<string>>(sourceName: Name) {
  return {
    /** Earlier names, whose paths go on answering. */
    formerNames: z.array(sourceName).min(1, "must have at least one name: leave it out instead").optional(),
    /** The name that the source was first deployed with. A renamed source keeps it for good: see `SourceSettings.key`. */
    rememberedAs: sourceName.optional(),
    /** Where its webhooks waited before `queue` was changed. That queue is still worked off. */
    formerQueue: z.enum(["shared", "dedicated"]).optional(),
    /** Secrets that it no longer needs: `signature` or `forward`. */
    formerSecrets: z
      .array(z.enum(["signature", "forward"]))
      .min(1, "must have at least one secret: leave it out instead")
      .optional(),
    /** Closes the source's path. What waits is still worked off, and the source can then be deleted from the file. */
    retiring: z.boolean().default(false),
  };
}

/** How a source changes. */
export interface SourceChanges {
  readonly formerNames: readonly string[];
  readonly formerQueue: "shared" | "dedicated" | undefined;
  readonly formerSecrets: readonly ("signature" | "forward")[];
  readonly retiring: boolean;
  readonly renamed: boolean;
}

/** Names of the secrets that a source had and needs no more. */
export function formerSecretNames({
  key,
  changes,
}: {
  readonly key: string;
  readonly changes: { readonly formerSecrets: readonly ("signature" | "forward")[] };
}): string[] {
  return changes.formerSecrets.map((secret) => (secret === "signature" ? key : forwardSecretName(key)));
}
