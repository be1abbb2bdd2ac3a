import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { repositoryFiles, root } from "../imports.js";

/** Folder of the pictures, from the root. */
export const picturesFolder = "docs/pictures";

/** Says of which page the pictures are, from the root. */
export const pictureSourcesFile = `${picturesFolder}/inspector.json`;

/** The pictures by their names, with the address that each is of and what has to be there before it is taken. */
export const pictures = {
  list: { fragment: "/webhooks", seen: ".row" },
  details: { fragment: "/webhooks?webhook=stripe%2Fevt_1004", seen: ".timeline" },
  pipeline: { fragment: "/pipeline", seen: ".lane" },
  comparison: {
    fragment: "/webhooks?webhook=stripe%2Fevt_1005&against=stripe%2Fevt_1006",
    seen: "[data-kind=difference]",
  },
  composer: { fragment: "/send", seen: "textarea" },
} as const;

/** CSS pixels. As small as details still stand beside the list. */
export const pictureSize = { width: 1_080, height: 640 };

/** The same for as long as the page and its demo data are. */
export function hashOfPictureSources(): string {
  const files = [
    ...repositoryFiles("inspector/page").filter((file) => /\.(tsx?|css)$/.test(file)),
    "tests/support/inspector/demo-stage.ts",
  ];
  const hash = createHash("sha256");
  for (const file of files.toSorted()) {
    hash.update(`${file}\n${readFileSync(join(root, file), "utf8").replaceAll("\r\n", "\n")}`);
  }
  return hash.digest("hex");
}
