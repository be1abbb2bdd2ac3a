import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

/** Folder of this Pulumi program: `index.ts`, `Pulumi.yaml` and the stage files. */
export const programFolder = dirname(dirname(fileURLToPath(import.meta.url)));
