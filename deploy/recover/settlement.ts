import { RefusedError, UsageError } from "../../command-line/command-error.js";
import type { PendingOperation } from "../engine/stage.js";
import { operationText } from "../engine/unfinished.js";
import { nameOf } from "../plan/changes.js";
import type { Found } from "./look-up.js";

/** What becomes of an unfinished operation. */
export type Settlement =
  /** Pulumi takes the resource over, which AWS has. */
  | { readonly deed: "import"; readonly id: string }
  /** Pulumi forgets the operation. */
  | { readonly deed: "drop" }
  /** The resource is in Pulumi's state already, and is read anew. */
  | { readonly deed: "read" };

export interface Settled {
  readonly operation: PendingOperation;
  readonly found: Found;
  readonly settlement: Settlement;
}

/** What a person says of operations, by the resources' logical names. */
export interface Said {
  /** `<name>=<id>` */
  readonly import: readonly string[];
  readonly drop: readonly string[];
}

/**
 * Decides what becomes of each operation: what AWS has is imported, and what it has not is dropped, unless a person says
 * otherwise.
 *
 * @throws RefusedError for what cannot be looked up, and of which a person says nothing
 * @throws UsageError for a name of no unfinished operation
 */
export function settle(
  operations: readonly { readonly operation: PendingOperation; readonly found: Found }[],
  said: Said,
): Settled[] {
  const ids = new Map(
    said.import.map((text) => {
      const [name = "", ...id] = text.split("=");
      if (id.length === 0)
        throw new UsageError(
          `--import must be a name and an id, such as webhooks-queue=https://…; got ${text}`,
        );
      return [name, id.join("=")] as const;
    }),
  );
  const names = operations.map(({ operation }) => nameOf(operation.resource.urn));
  const unknown = [...ids.keys(), ...said.drop].filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new UsageError(`${unknown.join(", ")}: no such operation is unfinished`, {
      next: `these are: ${names.join(", ")}`,
    });
  }
  const unclear: string[] = [];
  const settled = operations.map(({ operation, found }): Settled => {
    const name = nameOf(operation.resource.urn);
    const id = ids.get(name);
    const is = (settlement: Settlement) => ({ operation, found, settlement });
    if (operation.type !== "creating") return is({ deed: "read" });
    if (id !== undefined) return is({ deed: "import", id });
    if (said.drop.includes(name) || found.kind === "missing" || found.kind === "set-again") {
      return is({ deed: "drop" });
    }
    if (found.kind === "there") return is({ deed: "import", id: found.id });
    unclear.push(name);
    return is({ deed: "drop" });
  });
  if (unclear.length > 0) {
    throw new RefusedError(
      `nobody can know by its name whether AWS has ${unclear.join(", ")}: look for it in AWS's console`,
      { next: unclear.map((name) => `--import ${name}=<id>, or --drop ${name}`).join("; ") },
    );
  }
  return settled;
}

const foundTexts: Readonly<Record<Found["kind"], string>> = {
  "set-again": "the next update sets it again",
  there: "AWS has it",
  missing: "AWS has no such thing",
  unknown: "cannot be looked up",
};

export function settledText({ operation, found, settlement }: Settled): string {
  const what =
    settlement.deed === "import"
      ? `taken over as ${settlement.id}`
      : settlement.deed === "drop"
        ? "forgotten"
        : "read anew from AWS";
  const seen = operation.type === "creating" ? `${foundTexts[found.kind]}: ` : "";
  return `${operationText(operation)}: ${seen}${what}`;
}
