import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import { dashboardFile, drawnDashboard } from "../../documentation/dashboard/drawn-dashboard.js";
import { root } from "../support/imports.js";

describe("the picture of the dashboard", () => {
  let drawn: string;
  beforeAll(async () => {
    drawn = await drawnDashboard();
  });

  it("is drawn from the program as it is now: npm run docs draws it", () => {
    expect(drawn === readFileSync(join(root, dashboardFile), "utf8")).toBe(true);
  });

  it("has a title for each widget, and an element that ends for each that begins", () => {
    for (const title of ["Alarms that page", "Dead letters", "Last failures", "Logs: bytes"]) {
      expect(drawn).toContain(`>${title}`);
    }
    const open: string[] = [];
    for (const [tag, end, name = ""] of drawn.matchAll(/<(\/?)(\w+)[^>]*>/g)) {
      if (end === "/") expect(open.pop()).toBe(name);
      else if (!tag.endsWith("/>")) open.push(name);
    }
    expect(open).toEqual([]);
  });
});
