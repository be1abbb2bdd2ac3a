import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { root } from "../support/imports.js";
import {
  hashOfPictureSources,
  pictureSourcesFile,
  pictures,
  picturesFolder,
} from "../support/inspector/picture-sources.js";

/** A picture of the docs is loaded with each look at them. */
const largestBytes = 150_000;

describe("the pictures of the inspector", () => {
  const files = Object.keys(pictures).flatMap((name) =>
    ["light", "dark"].map((scheme) => `${picturesFolder}/inspector-${name}-${scheme}.png`),
  );

  it("show the page as it is: npm run test:browser takes them again where it has changed", () => {
    const { madeFrom } = JSON.parse(readFileSync(join(root, pictureSourcesFile), "utf8")) as {
      readonly madeFrom: string;
    };
    expect(madeFrom).toBe(hashOfPictureSources());
  });

  it.each(files)("%s is there, and small", (file) => {
    expect(existsSync(join(root, file))).toBe(true);
    expect(statSync(join(root, file)).size).toBeLessThan(largestBytes);
  });
});
