import { existsSync, globSync, readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));

/** What a fact can rest on, as the page's introduction explains it. */
const marks = ["recorded", "documented", "executed", "emulator", "assumed"];

const factsOf = (page: string) =>
  [...page.matchAll(/^\*\*(\d+\.\d+[a-z]?)\*\* (.*(?:\n(?!\n).*)*)/gm)].map(([, number = "", text = ""]) => ({
    number,
    text,
  }));

const numbersIn = (list: string) => list.match(/\d+\.\d+[a-z]?/g) ?? [];

/** `AWS fact 1.8` and `AWS facts 1.1 to 1.4, 1.20`; a comment may break anywhere in between. */
function citationsIn(file: string) {
  const text = readFileSync(`${root}/${file}`, "utf8").replaceAll(/\s*\n\s*(?:\*|\/\/)?\s*/g, " ");
  const number = String.raw`\d+\.\d+[a-z]?`;
  const citation = new RegExp(
    String.raw`(?:\b(\w+) )?\bfacts?(?:'s?)? (${number}(?:(?:,|,? and| to) ${number})*)`,
    "gi",
  );
  return [...text.matchAll(citation)].map(([words = "", about = "", list = ""]) => ({
    file,
    words,
    about,
    numbers: numbersIn(list),
  }));
}

const citations = globSync("**/*.{ts,md,yaml,yml}", { cwd: root, exclude: ["**/node_modules", ".git"] })
  .filter((file) => !file.endsWith("facts.test.ts"))
  .sort()
  .flatMap(citationsIn);

const awsFacts = readFileSync(`${root}/docs/aws-facts.md`, "utf8");

describe("docs/aws-facts.md", () => {
  it("has each fact once, in the order of the numbers", () => {
    const numbers = factsOf(awsFacts).map(({ number }) => number);

    expect(numbers.length).toBeGreaterThan(100);
    expect(numbers).toEqual(
      [...new Set(numbers)].sort((a, b) => a.localeCompare(b, "en", { numeric: true })),
    );
  });

  it("says of every fact what it rests on", () => {
    const unmarked = factsOf(awsFacts).filter(
      ({ text }) => !marks.some((mark) => text.includes(`*${mark}*`)),
    );

    expect(unmarked).toEqual([]);
  });

  it("knows no mark but those that it explains", () => {
    const used = [...awsFacts.matchAll(/(?<!\*)\*(\w+)\*(?!\*)/g)].map(([, mark]) => mark);

    expect([...new Set(used)].sort()).toEqual([...marks].sort());
  });

  it("refers to none of its own facts that it does not have", () => {
    const known = new Set(factsOf(awsFacts).map(({ number }) => number));
    const references = [...awsFacts.matchAll(/\((\d+\.\d+[a-z]?(?:, \d+\.\d+[a-z]?)*)[;)]/g)];

    expect(references.length).toBeGreaterThan(20);
    expect(
      references.flatMap(([, list = ""]) => numbersIn(list)).filter((number) => !known.has(number)),
    ).toEqual([]);
  });
});

describe("a citation of a fact", () => {
  const pages: Record<string, string> = { AWS: "docs/aws-facts.md", Pulumi: "docs/pulumi-facts.md" };

  it("says whose fact it is", () => {
    expect(citations.length).toBeGreaterThan(80);
    expect(citations.filter(({ about }) => pages[about] === undefined)).toEqual([]);
  });

  it.each(Object.entries(pages))("of %s is found in %s", (about, page) => {
    const cited = citations.filter((citation) => citation.about === about);
    const known = new Set(
      existsSync(`${root}/${page}`)
        ? factsOf(readFileSync(`${root}/${page}`, "utf8")).map(({ number }) => number)
        : [],
    );

    expect(cited.filter(({ numbers }) => !numbers.every((number) => known.has(number)))).toEqual([]);
  });
});
