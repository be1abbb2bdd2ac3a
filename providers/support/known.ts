import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { loadProviders, type Providers } from "./load.js";

/** The providers that a stage can name. The settings resolve them; the function in Lambda knows signature schemes only. */
export const providers: Providers = await loadProviders(dirname(dirname(fileURLToPath(import.meta.url))));
