// usage: keep-comment.mjs PULL_REQUEST NAME FILE
// Writes a file into a pull request's comment of that name: into the one that is there, or into a new one.
import { readFileSync } from "node:fs";
import { findMarked, github, marked, markerOf } from "./github.mjs";

const [pullRequest, name, file] = process.argv.slice(2);
const comments = `issues/${pullRequest}/comments`;
const marker = markerOf(name);
const body = marked(marker, readFileSync(file, "utf8"));
const found = await findMarked(comments, marker);
if (found === undefined) await github("POST", comments, { body });
else await github("PATCH", `issues/comments/${found.id}`, { body });
