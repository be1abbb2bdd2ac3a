import { readFileSync, writeFileSync } from "node:fs";
import { providers } from "../support/known.js";
import { documents, rewritten } from "./tables.js";

// `npm run docs`: writes the parts of the documents that come from the providers.
for (const [path, parts] of Object.entries(documents)) {
  const file = new URL(`../../${path}`, import.meta.url);
  const before = readFileSync(file, "utf8");
  const after = rewritten(before, parts, providers);
  if (after !== before) writeFileSync(file, after);
  console.log(`${path}: ${after === before ? "is up to date" : "written"}`);
}
