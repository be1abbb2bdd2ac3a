import { readFileSync, writeFileSync } from "node:fs";
import { tabled, withTable } from "./table.js";

// `npm run docs`: writes the table of alarms into its page.
const file = new URL(`../../../${tabled}`, import.meta.url);
const before = readFileSync(file, "utf8");
const after = withTable(before);
if (after !== before) writeFileSync(file, after);
console.log(`${tabled}: ${after === before ? "is up to date" : "written"}`);
