import { readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./imports.js";

/** A section of a page: what stands under a heading of the second level. */
export interface Section {
  readonly heading: string;
  readonly text: string;
}

export interface DocumentedCommand {
  /** Line by line as it stands there. */
  readonly line: string;
  /** As the shell gives it on, without `npm run ops --`. */
  readonly args: readonly string[];
}

/** What stands above the first section of a page. */
export function introductionOf(page: string): string {
  return readFileSync(join(root, page), "utf8").split(/^## /m, 1)[0] ?? "";
}

export function sectionsOf(page: string): Section[] {
  const [, ...sections] = readFileSync(join(root, page), "utf8").split(/^## /m);
  return sections.map((section) => {
    const [heading = "", ...lines] = section.split("\n");
    return { heading, text: lines.join("\n") };
  });
}

/** The lines of the blocks that a reader pastes into a shell. */
export function shellLines(text: string): string[] {
  return [...text.matchAll(/^```sh\n(.+?)^```/gms)].flatMap(([, block = ""]) => block.trimEnd().split("\n"));
}

/** The operator's commands of a page in their order: lines of blocks, and code in the running text. */
export function operatorsCommands(text: string): DocumentedCommand[] {
  return [...text.matchAll(/^(npm run ops -- .+)$|`(npm run ops -- [^`]+)`/gm)].map(
    ([, inBlock, inText = ""]) => {
      const line = inBlock ?? inText;
      return { line, args: wordsOf(line).slice(4) };
    },
  );
}

/** The words of a line, as a shell takes them apart. */
export function wordsOf(line: string): string[] {
  return [...line.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|(\S+)/g)].map(
    ([, double, single, plain]) => double?.replaceAll(/\\(.)/g, "$1") ?? single ?? plain ?? "",
  );
}
