import { existsSync } from "node:fs";
import { type Browser, chromium } from "playwright-core";

/** Where Debian, Ubuntu, Fedora and macOS have it. */
const usualPlaces = [
  "/usr/bin/chromium",
  "/usr/bin/chromium-browser",
  "/usr/bin/google-chrome",
  "/snap/bin/chromium",
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
];

/** The system's Chromium: `CHROMIUM`, or the first of the usual places. Undefined where there is none. */
export const chromiumPath = [process.env.CHROMIUM ?? "", ...usualPlaces].find(existsSync);

if (chromiumPath === undefined) {
  process.stderr.write(
    "The page is not tested: there is no Chromium. Install Debian's package chromium, or name one by CHROMIUM=<path>.\n",
  );
}

/** Starts the system's Chromium. It asks nobody for updates, and is as wide as a laptop. */
export function launchChromium(): Promise<Browser> {
  return chromium.launch({
    ...(chromiumPath === undefined ? {} : { executablePath: chromiumPath }),
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb"],
  });
}
