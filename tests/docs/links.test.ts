import { existsSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { describe, expect, it } from "vitest";
import { repositoryFiles, root } from "../support/imports.js";

const pages = repositoryFiles().filter((file) => file.endsWith(".md"));

interface Link {
  readonly page: string;
  readonly target: string;
}

/** A page without its code blocks, in which brackets and hashes mean something else. */
function proseOf(page: string): string {
  return readFileSync(join(root, page), "utf8").replaceAll(/^ *(```|~~~).*?^ *\1/gms, "");
}

/** The links of a page into this repository: `[text](target)` and `[name]: target`. */
function linksOf(page: string): Link[] {
  const prose = proseOf(page).replaceAll(/`[^`\n]*`/g, "code");
  const inline = [...prose.matchAll(/\]\(\s*<?([^)\s>]+)>?(?:\s+"[^"]*")?\s*\)/g)];
  const named = [...prose.matchAll(/^\[[^\]]+\]:\s*<?(\S+?)>?\s*$/gm)];
  return [...inline, ...named]
    .map(([, target = ""]) => ({ page, target }))
    .filter(({ target }) => !/^[a-z][a-z0-9+.-]*:/i.test(target));
}

/** What GitHub lets a link jump to in a page: its headings, and anchors that it names itself. */
function anchorsOf(page: string): Set<string> {
  const anchors = new Set<string>();
  const prose = proseOf(page);
  for (const [, heading = ""] of prose.matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)) {
    const slug = slugOf(heading);
    let anchor = slug;
    for (let more = 1; anchors.has(anchor); more++) anchor = `${slug}-${more}`;
    anchors.add(anchor);
  }
  for (const [, name = ""] of prose.matchAll(/<a\s+(?:name|id)="([^"]+)"/g)) anchors.add(name);
  return anchors;
}

/** A heading's anchor as GitHub makes it: github.com/Flet/github-slugger. */
function slugOf(heading: string): string {
  return heading
    .replaceAll(/\[([^\]]*)\]\([^)]*\)/g, "$1")
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, "")
    .replaceAll(" ", "-");
}

/** Why a link leads nowhere, or undefined. */
function problemOf({ page, target }: Link): string | undefined {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? page : normalize(join(dirname(page), decodeURI(path)));
  if (file.startsWith("..") || !existsSync(join(root, file))) return `${page}: there is no ${target}`;
  if (anchor === undefined || (file.endsWith(".md") && anchorsOf(file).has(anchor))) return undefined;
  return `${page}: ${file} has no heading #${anchor}`;
}

const repositoryPath =
  /(?<![\w./-])(?:runtime|providers|settings|components|local|packages|bench|tests|docs)\/[\w./-]+\.(?:ts|md|ya?ml)\b/g;

/** Lines that are comments; what stands behind code on its line is left out. */
function commentsOf(file: string): string {
  const lines = readFileSync(join(root, file), "utf8").split("\n");
  return lines.filter((line) => /^\s*(?:\/\*\*|\*|\/\/)/.test(line)).join("\n");
}

/** Handlers are what a reader is to write; the documentation makes some up. */
function isReadersOwn(name: string): boolean {
  return name.startsWith("runtime/handlers/");
}

describe("the documentation", () => {
  it("links to files and headings that exist", () => {
    const links = pages.flatMap(linksOf);

    expect(pages).toContain("README.md");
    expect(links.length).toBeGreaterThan(20);
    expect(links.map(problemOf).filter((problem) => problem !== undefined)).toEqual([]);
  });
});

describe("the documentation and the comments", () => {
  it("name files of this repository that exist", () => {
    const texts = [
      ...pages.map((page) => ({ file: page, text: proseOf(page) })),
      ...repositoryFiles()
        .filter((file) => file.endsWith(".ts"))
        .map((file) => ({ file, text: commentsOf(file) })),
    ];
    const named = texts.flatMap(({ file, text }) =>
      [...text.matchAll(repositoryPath)].map(([name]) => ({ file, name })),
    );

    expect(named.length).toBeGreaterThan(50);
    expect(named.filter(({ name }) => !isReadersOwn(name) && !existsSync(join(root, name)))).toEqual([]);
  });
});
