import type { Browser, Page } from "playwright-core";
import { demoNow } from "./demo-stage.js";

/** A page of the inspector, and what went wrong in it. */
export interface OpenPage {
  readonly page: Page;
  /** Console errors, exceptions, dialogs, and requests to anybody but the server. Empty where all is well. */
  readonly complaints: readonly string[];
}

/** How a page is opened. */
export interface PageOptions {
  /** What the fragment says besides the token, such as `/pipeline`. */
  readonly fragment?: string;
  readonly colorScheme?: "light" | "dark";
  /** CSS pixels. @default 1280 */
  readonly width?: number;
  readonly height?: number;
  /** Whether the page's clock stands at the moment of the demo stage. */
  readonly isClockFixed?: boolean;
}

/** Opens the inspector in a browser profile of its own. */
export async function openPage(browser: Browser, url: string, options: PageOptions = {}): Promise<OpenPage> {
  const { fragment = "", colorScheme = "light", width = 1_280, height = 800, isClockFixed = false } = options;
  const context = await browser.newContext({
    viewport: { width, height },
    colorScheme,
    timezoneId: "Europe/Berlin",
    locale: "en-GB",
    reducedMotion: "reduce",
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  const { origin } = new URL(url);
  page.on("console", (message) => {
    // The browser itself tells of each request that fails; a test that cuts the connection wants that.
    const isOfNetwork = /Failed to load resource|net::ERR_/.test(message.text());
    if (message.type() === "error" && !isOfNetwork) complaints.push(`console: ${message.text()}`);
  });
  page.on("pageerror", (error) => complaints.push(`exception: ${error.message}`));
  page.on("dialog", (dialog) => {
    complaints.push(`dialog: ${dialog.message()}`);
    void dialog.dismiss();
  });
  context.on("request", (request) => {
    if (new URL(request.url()).origin !== origin) complaints.push(`request: ${request.url()}`);
  });
  if (isClockFixed) await page.clock.setFixedTime(demoNow);
  await page.goto(fragment === "" ? url : `${url}&${fragment}`);
  return { page, complaints };
}
