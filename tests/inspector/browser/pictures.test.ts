import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { root } from "../../support/imports.js";
import { chromiumPath, launchChromium } from "../../support/inspector/browser.js";
import { type ContractServer, startContractServer } from "../../support/inspector/contract-server.js";
import { demoStage } from "../../support/inspector/demo-stage.js";
import { openPage } from "../../support/inspector/open-page.js";
import {
  hashOfPictureSources,
  pictureSize,
  pictureSourcesFile,
  pictures,
  picturesFolder,
} from "../../support/inspector/picture-sources.js";

const madeFrom = hashOfPictureSources();
const sourcesPath = join(root, pictureSourcesFile);
const areNew =
  existsSync(sourcesPath) &&
  (JSON.parse(readFileSync(sourcesPath, "utf8")) as { readonly madeFrom: string }).madeFrom === madeFrom;

// Another machine has other fonts, so pictures are taken only where the page is another one.
describe.skipIf(chromiumPath === undefined || areNew)("pictures of the inspector for the docs", () => {
  let browser: Awaited<ReturnType<typeof launchChromium>>;
  let server: ContractServer;
  beforeAll(async () => {
    [browser, server] = await Promise.all([
      launchChromium(),
      startContractServer(demoStage({ isLocal: true, name: "local:8787" })),
    ]);
  });
  afterAll(async () => {
    await browser?.close();
    await server?.close();
  });

  const cases = Object.entries(pictures).flatMap(([name, picture]) =>
    (["light", "dark"] as const).map((colorScheme) => ({ name, colorScheme, ...picture })),
  );
  it.each(cases)("$name, $colorScheme", async ({ name, colorScheme, fragment, seen }) => {
    const { page, complaints } = await openPage(browser, server.url, {
      fragment,
      colorScheme,
      isClockFixed: true,
      ...pictureSize,
    });
    await page.locator(seen).first().waitFor();
    await page.getByText("live", { exact: true }).waitFor();
    await page.screenshot({ path: join(root, picturesFolder, `inspector-${name}-${colorScheme}.png`) });
    await page.context().close();
    expect(complaints).toEqual([]);
  });

  it("are noted as those of this page", () => {
    writeFileSync(sourcesPath, `${JSON.stringify({ madeFrom }, null, 2)}\n`);
    expect(JSON.parse(readFileSync(sourcesPath, "utf8"))).toEqual({ madeFrom });
  });
});
