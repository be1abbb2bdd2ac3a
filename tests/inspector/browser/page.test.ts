import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import type { Detail } from "../../../inspector/contract.js";
import { chromiumPath, launchChromium } from "../../support/inspector/browser.js";
import {
  type ContractServer,
  type ServedStage,
  startContractServer,
} from "../../support/inspector/contract-server.js";
import { demoDetail, demoStage, requestWith } from "../../support/inspector/demo-stage.js";
import { type OpenPage, openPage, type PageOptions } from "../../support/inspector/open-page.js";

const axeSource = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

describe.skipIf(chromiumPath === undefined)("the inspector's page", () => {
  let browser: Awaited<ReturnType<typeof launchChromium>>;
  const servers: ContractServer[] = [];
  const opened: OpenPage[] = [];
  beforeAll(async () => {
    browser = await launchChromium();
  });
  afterEach(async () => {
    // A page that goes on would take the time of the next one.
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    for (const server of servers) await server.close();
  });

  const serve = async (stage: ServedStage) => {
    const server = await startContractServer(stage);
    servers.push(server);
    return server;
  };
  const visit = async (server: ContractServer, options?: PageOptions) => {
    const found = await openPage(browser, server.url, options);
    opened.push(found);
    return found.page;
  };
  /** A webhook of now. */
  const fresh = (eventId: string, change: Partial<Parameters<typeof demoDetail>[0]> = {}): Detail =>
    demoDetail(
      { source: "stripe", eventId, type: "invoice.paid", secondsAgo: 0, outcome: "processed", ...change },
      Date.now(),
    );
  const filterOf = (page: Page) => page.getByRole("combobox", { name: "Filter" });
  /** The line below the list. */
  const ended = (page: Page, text: string) => page.locator(".list-end").getByText(text, { exact: true });
  const rowIds = (page: Page) =>
    page.locator(".row .cell-webhook").evaluateAll((cells) => cells.map(({ textContent }) => textContent));

  it("names stack, account and Region on every view, and says that it only reads", async () => {
    const server = await serve(demoStage({ isWritable: false }));
    const page = await visit(server);
    for (const view of ["Webhooks", "Pipeline"]) {
      await page.getByRole("link", { name: view }).click();
      await page.getByText("account 123456789012").waitFor();
      expect(await page.locator("header .stage").innerText()).toMatch(
        /prod\s*account 123456789012\s*eu-central-1\s*read only/,
      );
    }
    expect(await page.getByRole("button", { name: "Pause" }).count()).toBe(0);
    expect(await page.getByRole("link", { name: "Send" }).count()).toBe(0);
    await page.goto(`${server.url.split("#")[0]}#/webhooks?webhook=stripe%2Fevt_1006`);
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    expect(await page.getByRole("button", { name: "Replay" }).count()).toBe(0);
    await page.keyboard.press("r");
    expect(await page.getByRole("dialog").count()).toBe(0);
  });

  it("takes the token out of the address, and asks whoever comes without one for it", async () => {
    const server = await serve(demoStage());
    const page = await visit(server, { fragment: "/webhooks?filter=outcome%3Afailed" });
    await page.locator(".row").first().waitFor();
    expect(page.url()).not.toContain("token");
    expect(page.url()).toContain("filter=outcome%3Afailed");

    const { page: stranger } = await openPage(browser, server.url.split("#")[0] ?? "");
    await stranger.getByRole("heading", { name: "not let in" }).waitFor();
    await stranger.getByLabel("Printed address").fill(server.url);
    await stranger.getByRole("button", { name: "Open" }).click();
    await stranger.locator(".row").first().waitFor();
    expect(stranger.url()).not.toContain("token");
  });

  it("shares what it shows by its address: the filter and what is open", async () => {
    const server = await serve(demoStage());
    const page = await visit(server);
    await page.locator(".row").first().waitFor();
    await page.keyboard.press("/");
    await page.keyboard.type("source:str");
    await page.getByRole("option", { name: "source:stripe" }).waitFor();
    await page.keyboard.press("Tab");
    await page.keyboard.type(" outcome:failed");
    await page.keyboard.press("Enter");
    await ended(page, "1 webhook").waitFor();
    await page.locator(".row").click();
    await page.getByRole("heading", { name: "Why it is failed" }).waitFor();

    const other = await visit(server, { fragment: new URL(page.url()).hash.slice(1) });
    await other.getByRole("heading", { name: "Why it is failed" }).waitFor();
    expect(await filterOf(other).inputValue()).toBe("source:stripe outcome:failed");
    expect(await rowIds(other)).toHaveLength(1);
    await page.goBack();
    await page.getByRole("heading", { name: "Why it is failed" }).waitFor({ state: "detached" });
  });

  it("says what is wrong with a filter, and keeps the list", async () => {
    const page = await visit(await serve(demoStage()));
    await page.locator(".row").first().waitFor();
    await filterOf(page).fill("outcome:fialed");
    await page.keyboard.press("Enter");
    await page.getByText('there is no outcome "fialed"').waitFor();
    expect(await page.locator(".row").count()).toBeGreaterThan(5);
    await filterOf(page).fill("");
    await page.getByText("there is no outcome").waitFor({ state: "detached" });
  });

  it("lets no row jump away under the pointer", async () => {
    const server = await serve(demoStage());
    const page = await visit(server);
    await page.locator(".row").nth(3).hover();
    const before = await rowIds(page);
    server.put(...Array.from({ length: 12 }, (_, index) => fresh(`evt_new_${index}`)));
    await page.getByRole("button", { name: "12 new" }).waitFor();
    expect(await rowIds(page)).toEqual(before);
    await page.getByRole("button", { name: "12 new" }).click();
    await page.getByText("evt_new_11").waitFor();
    expect(await page.locator(".row").count()).toBe(before.length + 12);
    // Nobody points at the list: it goes on by itself.
    await page.mouse.move(600, 20);
    server.put(fresh("evt_by_itself"));
    await page.getByText("evt_by_itself").waitFor();
    // A known one changes where it is.
    server.put(fresh("evt_by_itself", { outcome: "failed", reason: "the database is away" }));
    await page.getByText("the database is away").waitFor();
    expect(await page.getByText("evt_by_itself").count()).toBe(0);
  });

  it("is lost honestly, and comes back without a gap or a double", async () => {
    const server = await serve(demoStage());
    const page = await visit(server);
    await page.getByText("live", { exact: true }).waitFor();
    await page.mouse.move(600, 20);
    server.setStreams(false);
    await page.getByText(/^lost since/).waitFor();
    const missed = Array.from({ length: 7 }, (_, index) => fresh(`evt_missed_${index}`));
    server.put(...missed, ...missed.slice(3));
    expect(await page.getByText("evt_missed").count()).toBe(0);
    // A try in vain changes nothing; the next one comes by itself.
    await page.getByRole("button", { name: "Try now" }).click();
    server.setStreams(true);
    await page.getByText("live", { exact: true }).waitFor();
    await page.getByText("evt_missed_6").waitFor();
    const found = (await rowIds(page)).filter((id) => id?.startsWith("evt_missed"));
    expect(found.toSorted()).toEqual(missed.map(({ row }) => row.eventId));
    expect(server.streams()).toBe(1);
  });

  it("is driven by the keyboard alone: find, open, replay, see it processed", async () => {
    const server = await serve(demoStage());
    const page = await visit(server);
    await page.locator(".row").first().waitFor();
    await page.getByRole("button", { name: "rejected", exact: true }).waitFor();
    await page.keyboard.press("f");
    await page.getByRole("button", { name: "what failed", pressed: true }).waitFor();
    await ended(page, "4 webhooks").waitFor();
    await page.keyboard.press("j");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    const detail = page.getByRole("region", { name: "Webhook", exact: true });
    await detail.getByText("evt_1006", { exact: false }).first().waitFor();
    await page.keyboard.press("r");
    const dialog = page.getByRole("dialog", { name: "Replay" });
    await dialog.getByText("Replay 1 webhook?").waitFor();
    // Nothing is done by what opened the dialog.
    expect(server.requests.filter(({ path }) => path === "/api/confirm")).toEqual([]);
    await dialog.getByLabel("Reason").focus();
    await page.keyboard.type("the handler is mended");
    await page.keyboard.press("Tab");
    await dialog.getByText("because   the handler is mended").waitFor();
    await dialog.getByRole("button", { name: "Replay", exact: true }).focus();
    await page.keyboard.press("Enter");
    await dialog.getByText("Done: 1 webhook is in the queue.").waitFor();
    await page.keyboard.press("Escape");
    await dialog.waitFor({ state: "detached" });
    await detail.getByRole("heading", { name: "processed" }).waitFor();
    await page.keyboard.press("Escape");
    await detail.waitFor({ state: "detached" });
    await page.keyboard.press("?");
    await page.getByRole("dialog", { name: "Keys and filter" }).waitFor();
    await page.keyboard.press("Escape");
    await page.keyboard.press("2");
    await page.getByRole("heading", { name: "The way of a webhook" }).waitFor();
  });

  it("replays all that a filter means, as fast as it is told", async () => {
    const server = await serve(demoStage());
    const page = await visit(server);
    await page.locator(".row").first().waitFor();
    const replayAll = page.getByRole("button", { name: "Replay all" });
    await filterOf(page).fill("since:2h");
    await page.keyboard.press("Enter");
    expect(await replayAll.count()).toBe(0);
    await filterOf(page).fill("source:stripe outcome:failed");
    await page.keyboard.press("Enter");
    await replayAll.click();
    const dialog = page.getByRole("dialog", { name: "Replay" });
    await dialog.getByText("rate      10 a second").waitFor();
    await dialog.getByLabel("Webhooks a second").fill("3");
    await page.keyboard.press("Tab");
    await dialog.getByText("rate      3 a second").waitFor();
    await dialog.getByRole("button", { name: "Replay", exact: true }).click();
    await dialog.getByText("Done", { exact: true }).waitFor();
    expect(server.requests.findLast(({ path }) => path === "/api/plan")?.body).toEqual({
      kind: "replay",
      filter: "source:stripe outcome:failed",
      rate: 3,
    });
  });

  it("compares two webhooks, and two tries of one", async () => {
    const page = await visit(await serve(demoStage()), { fragment: "/webhooks?webhook=stripe%2Fevt_1006" });
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    await page.getByRole("button", { name: "Compare", exact: true }).click();
    await page.locator(".row", { hasText: "evt_1005" }).click();
    await page.getByRole("button", { name: "Compare with the marked" }).click();
    await page.getByRole("heading", { name: "Two webhooks compared" }).waitFor();
    expect(await page.getByRole("region", { name: "Facts" }).innerText()).toMatch(
      /outcome: processed.*outcome: failed/s,
    );
    await page.getByRole("button", { name: "Close the comparison" }).click();
    await page.locator(".row", { hasText: "TypeError" }).click();
    await page.getByRole("button", { name: "Compare its tries" }).click();
    await page.getByRole("heading", { name: "Two tries compared" }).waitFor();
    expect(await page.getByLabel("Try", { exact: true }).inputValue()).toBe("2");
  });

  it("shows the pipeline, and leads from its figures to the webhooks", async () => {
    const server = await serve(demoStage());
    const page = await visit(server, { fragment: "/pipeline" });
    const billing = page.getByRole("article", { name: "Lane orders.billing" });
    await billing.getByText("the ledger is being moved").waitFor();
    await page.getByText("prod-orders-search-dead-letters").waitFor();
    await page.getByText("docs/runbook.md#dead-letters").waitFor();
    const search = page.getByRole("article", { name: "Lane orders.search" });
    await search.getByRole("button", { name: "Redrive" }).click();
    await page.getByRole("dialog").getByText("Redrive the lane orders.search?").waitFor();
    await page.getByRole("button", { name: "Cancel" }).click();
    server.tell({ ...demoStage().figures, alarms: [] });
    await page.getByText("No alarm is on.").waitFor();
    await search.getByRole("button", { name: "5" }).click();
    await ended(page, "1 webhook").waitFor();
    expect(await filterOf(page).inputValue()).toBe("source:orders.search outcome:failed since:1h");
  });

  it("sends a sample that was edited, unsigned, several times", async () => {
    const server = await serve(demoStage({ isLocal: true, name: "local:8787" }));
    const page = await visit(server, { fragment: "/send" });
    await page.getByLabel("Body").fill('{"id":"evt_mine"}');
    await page.getByLabel("Unsigned").check();
    await page.getByLabel("How often").fill("3");
    await page.getByRole("button", { name: "Plan to send" }).click();
    const dialog = page.getByRole("dialog", { name: "Send" });
    await dialog.getByRole("button", { name: "Send", exact: true }).click();
    await dialog.getByText("Done", { exact: true }).waitFor();
    expect(server.requests.find(({ path }) => path === "/api/plan")?.body).toEqual({
      kind: "send",
      source: "stripe",
      eventType: "invoice.paid",
      bodyBase64: Buffer.from('{"id":"evt_mine"}').toString("base64"),
      signing: "unsigned",
      count: 3,
    });
  });

  it("shows hostile webhooks as text, and stays as it was", async () => {
    const markup = '<img src=x onerror="alert(1)"><script>alert(2)</script>';
    const bidi = "abc\u202efdp.exe\u2066";
    const line = `{"a":"${"x".repeat(1_048_576)}"}`;
    const invalid = Uint8Array.of(0xff, 0xfe, 0x3c, 0x62, 0x3e);
    const hostile = (eventId: string, body: Uint8Array | string): Detail =>
      fresh(eventId, {
        type: markup,
        outcome: "failed",
        reason: `${markup} ${bidi}`,
        more: {
          request: requestWith(body, [[markup, bidi, true]]),
          curl: markup,
          ignored: `javascript:alert(3) ${markup}`,
        },
      });
    const server = await serve(demoStage());
    server.put(
      hostile(`${markup}${bidi}`, markup),
      hostile("evt_line", line),
      hostile("evt_invalid", invalid),
    );
    const page = await visit(server);
    await page.getByText("\\u202efdp.exe\\u2066").first().waitFor();

    const body = page.getByRole("region", { name: "Body", exact: true });
    await page.locator(".row").first().click();
    await page.getByRole("heading", { name: "What happened" }).waitFor();
    for (const { row } of [fresh("evt_line"), fresh("evt_invalid"), fresh(`${markup}${bidi}`)]) {
      await page.goto(`${page.url().split("#")[0]}#/webhooks?webhook=${encodeURIComponent(row.id)}`);
      await page.getByText(row.eventId === "evt_line" ? "1.0 MB" : /^\d+ bytes$/, { exact: true }).waitFor();
    }
    expect(await body.locator("pre").innerText()).toBe(markup);
    expect(await page.locator("img, script:not([src])").count()).toBe(0);
    expect(page.url()).not.toContain("onerror=%22alert(1)%22%3E%3Cscript%3Ealert(2)&body");

    await page.goto(`${page.url().split("#")[0]}#/webhooks?webhook=stripe%2Fevt_line`);
    await page.getByRole("button", { name: "Show all (1.0 MB)" }).click();
    await page.getByRole("button", { name: "Show all (1.0 MB)" }).waitFor({ state: "detached" });
    await page.goto(`${page.url().split("#")[0]}#/webhooks?webhook=stripe%2Fevt_invalid`);
    await page.getByText("00000000  ff fe 3c 62 3e").waitFor();
    expect(await page.getByRole("button", { name: "Raw" }).count()).toBe(0);
  });

  it("scrolls and filters 5,000 webhooks without a frame over 100 ms", async () => {
    const many = Array.from({ length: 5_000 }, (_, index) =>
      fresh(`evt_${index}`, {
        secondsAgo: index,
        ...(index % 7 === 0 ? { outcome: "failed", reason: "the target answered 503" } : {}),
      }),
    );
    const page = await visit(await serve({ ...demoStage(), details: many }));
    const list = page.locator("#list");
    await page.locator(".row").first().waitFor();
    // All pages are read once the end is in sight.
    while ((await ended(page, "5,000 webhooks").count()) === 0) {
      await list.evaluate((element) => element.scrollTo({ top: element.scrollHeight }));
      await page.waitForTimeout(20);
    }
    // The longest of a busy machine says nothing, but no machine is busy five times in a row.
    let longest = Number.POSITIVE_INFINITY;
    for (let run = 0; run < 5 && longest > 100; run += 1) {
      await page.evaluate(watchFrames);
      for (let step = 0; step < 40; step += 1) {
        await list.evaluate((element, top) => element.scrollTo({ top }), step * 4_400);
      }
      await filterOf(page).fill("outcome:failed");
      await ended(page, "715 webhooks")
        .or(ended(page, "200 webhooks so far; scroll for older ones"))
        .waitFor();
      await page.locator('.row[data-tone="good"]').first().waitFor({ state: "detached" });
      await filterOf(page).fill("");
      await page.locator('.row[data-tone="good"]').first().waitFor();
      longest = Math.min(longest, Number(await page.evaluate("Math.max(0, ...globalThis.longFrames)")));
    }
    expect(longest).toBeLessThanOrEqual(100);
    expect(await page.locator(".row").count()).toBeLessThan(80);
  });

  describe.each(["light", "dark"] as const)("in %s colours", (colorScheme) => {
    it.each([
      ["the list", "/webhooks", ".row"],
      ["the details", "/webhooks?webhook=stripe%2Fevt_1004", ".timeline"],
      ["the pipeline", "/pipeline", ".lane"],
      ["the composer", "/send", "textarea"],
    ])(
      "%s has no serious finding of axe, and nothing is wider than its window",
      async (_, fragment, seen) => {
        const server = await serve(demoStage({ isLocal: true, name: "local:8787" }));
        const page = await visit(server, { fragment, colorScheme, isClockFixed: true });
        await page.locator(seen).first().waitFor();
        await page.getByText("live", { exact: true }).waitFor();

        const ground = String(await page.evaluate("getComputedStyle(document.body).backgroundColor"));
        expect(Number(/\d+/.exec(ground)?.[0]) > 128).toBe(colorScheme === "light");
        await page.evaluate(axeSource);
        expect(await page.evaluate(seriousFindings)).toEqual([]);
        for (const width of [320, 768, 1_920]) {
          await page.setViewportSize({ width, height: 800 });
          // The list follows its new width with the next frame.
          await expect.poll(() => page.evaluate(tooWide), { message: `at ${width} pixels` }).toEqual([]);
        }
      },
    );
  });

  it("has complained of nothing in all this: no console error, no dialog, no request to another host", () => {
    expect(opened.length).toBeGreaterThan(15);
    expect(opened.flatMap(({ complaints }) => complaints)).toEqual([]);
  });
});

/** What axe finds that keeps somebody from using the page. */
const seriousFindings = `
  axe.run({ resultTypes: ["violations"] }).then(({ violations }) =>
    violations
      .filter(({ impact }) => impact === "serious" || impact === "critical")
      .flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => id + " " + target + ": " + failureSummary)))
`;

/** Notes how long the page's frames take. */
const watchFrames = `
  globalThis.longFrames = [];
  new PerformanceObserver((list) => {
    for (const { duration } of list.getEntries()) globalThis.longFrames.push(duration);
  }).observe({ type: "long-animation-frame" });
`;

/** Elements that stick out of the window and of everything that scrolls or hides what is too wide. */
const tooWide = `
  [...document.querySelectorAll("body *")]
    .filter((element) => {
      const { right, left, width } = element.getBoundingClientRect();
      if (width === 0 || (right <= innerWidth + 1 && left >= -1)) return false;
      for (let parent = element.parentElement; parent !== null; parent = parent.parentElement) {
        if (parent.tagName === "MAIN" || parent === document.body) return true;
        if (getComputedStyle(parent).overflowX !== "visible") return false;
      }
      return true;
    })
    .filter((element) => getComputedStyle(element).clipPath === "none" && element.closest("svg") === null)
    .map((element) => element.tagName + "." + element.className)
`;
