import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, describe, expect, it } from "vitest";
import { inspectorFor } from "../../../inspector/for-npm-start.js";
import { chromiumPath, launchChromium } from "../../support/inspector/browser.js";
import { openPage } from "../../support/inspector/open-page.js";
import { stageFile, startWith } from "../../support/npm-start.js";

/** What the webhooks are handed to. It fails until it is mended. */
let answer = 500;
const target = createServer((_, response) => {
  response.writeHead(answer).end();
});
await new Promise<void>((resolve) => target.listen(0, "127.0.0.1", resolve));
afterAll(() => void target.close());
const { port } = target.address() as AddressInfo;

describe.skipIf(chromiumPath === undefined)("the inspector of npm start", () => {
  it("goes with a person from a webhook that fails to the same one processed", async () => {
    const browser = await launchChromium();
    try {
      const started = await startWith(
        await stageFile(
          [
            "  webhook-pipeline:sources:",
            "    - name: code",
            "      signature: { scheme: github }",
            `      forward: { url: "http://127.0.0.1:${port}", allowPrivateNetwork: true, timeoutSeconds: 2 }`,
            "  webhook-pipeline:queue: { maxReceiveCount: 1, retentionDays: 1 }",
            "  webhook-pipeline:processor: { timeoutSeconds: 10 }",
            "",
          ].join("\n"),
        ),
        (running, pipeline) => inspectorFor(running, pipeline, 0),
      );
      const { page, complaints } = await openPage(browser, started.inspector);
      await page.getByText("this machine").waitFor();
      const dialog = page.getByRole("dialog");
      const detail = page.getByRole("region", { name: "Webhook", exact: true });
      const row = (outcome: string) => page.locator(".row", { hasText: outcome });

      const confirm = async (verb: string) => {
        await dialog.getByRole("button", { name: verb, exact: true }).click();
        await dialog.getByText("Done", { exact: true }).waitFor();
        await dialog.getByRole("button", { name: "Close", exact: true }).last().click();
      };
      const send = async (signing: "Signed" | "Tampered") => {
        await page.getByRole("link", { name: "Send" }).click();
        await page.getByRole("radio", { name: new RegExp(`^${signing}`) }).check();
        await page.getByRole("button", { name: "Plan to send" }).click();
        await confirm("Send");
        await page.getByRole("link", { name: "Webhooks" }).click();
      };

      await send("Signed");
      await row("failed").waitFor();
      await row("failed").click();
      await detail.getByRole("heading", { name: "Why it is failed" }).waitFor();
      expect(await detail.locator(".reason").innerText()).toContain("500");
      expect(await detail.getByRole("row", { name: /x-hub-signature-256/i }).innerText()).toContain(
        "the pipeline reads it",
      );
      await detail.getByText("Permissions asked for").waitFor();

      await send("Tampered");
      await row("rejected").waitFor();
      await row("rejected").click();
      await detail.getByRole("heading", { name: "Why its signature failed" }).waitFor();
      expect(await detail.locator(".why").innerText()).toMatch(/x-hub-signature-256\s+found/i);
      expect(await detail.locator(".why").innerText()).toContain("It does not fit");

      answer = 200;
      await row("failed").click();
      await detail.getByRole("button", { name: "Replay" }).click();
      await dialog.getByText(/replay \S+ of 1 webhook/).waitFor();
      await confirm("Replay");
      await detail.getByRole("heading", { name: "processed" }).waitFor();
      await page.getByRole("link", { name: "Pipeline" }).click();

      const lane = page.getByRole("article", { name: /^Lane / }).first();
      await lane.getByRole("button", { name: "Redrive" }).click();
      await dialog.getByText("Move 1 webhook back?").waitFor();
      await confirm("Redrive");
      await lane.getByText("0 dead").waitFor();

      await lane.getByRole("button", { name: "Pause" }).click();
      await dialog.getByLabel("Reason").fill("the target is being moved");
      await page.keyboard.press("Tab");
      await dialog.getByText("--reason 'the target is being moved'").waitFor();
      await confirm("Pause");
      await lane.getByText("the target is being moved").waitFor();
      await send("Signed");
      await page.getByRole("link", { name: "Pipeline" }).click();
      await lane.getByText(/waiting\s*1/).waitFor();
      await lane.getByRole("button", { name: "Resume" }).click();
      await dialog.getByText("it is paused by").waitFor();
      await confirm("Resume");
      await lane.getByText(/waiting\s*0/).waitFor();
      expect(complaints).toEqual([]);
    } finally {
      await browser.close();
    }
  });
});
