import { readFileSync, writeFileSync } from "node:fs";
import { documents, rewritten } from "../../providers/documentation/tables.js";
import { providers } from "../../providers/support/known.js";
import { pictured, withPicture } from "./subscribers-picture.js";

// `npm run docs`: writes the parts of the documents that come from the providers and the settings.
for (const [path, parts] of Object.entries(documents)) {
  write(path, (text) => rewritten(text, parts, providers));
}
write(pictured, withPicture);

function write(path: string, rewrite: (text: string) => string): void {
  const file = new URL(`../../${path}`, import.meta.url);
  const before = readFileSync(file, "utf8");
  const after = rewrite(before);
  if (after !== before) writeFileSync(file, after);
  console.log(`${path}: ${after === before ? "is up to date" : "written"}`);
}
