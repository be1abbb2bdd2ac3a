// usage: keep-issue.mjs NAME yes|no FILE
// Keeps one issue of that name: opened and brought up to date while there is something to tell, closed when there is not.
import { readFileSync } from "node:fs";
import { findMarked, github, marked, markerOf } from "./github.mjs";

const [name, found, file] = process.argv.slice(2);
if (found !== "yes" && found !== "no") throw new Error(`write yes or no, not "${found}"`);
const marker = markerOf(name);
const body = marked(marker, readFileSync(file, "utf8"));
const title = name.charAt(0).toUpperCase() + name.slice(1);
const issue = await findMarked("issues?state=all", marker);
if (found === "yes" && issue === undefined) await github("POST", "issues", { title, body });
else if (found === "yes") await github("PATCH", `issues/${issue.number}`, { state: "open", body });
else if (issue?.state === "open") await github("PATCH", `issues/${issue.number}`, { state: "closed", body });
