import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { afterAll } from "vitest";

/**
 * Gives each test file a backend of its own. Stacks are known by their names, and several files need a stack that is called as a
 * stage's file is, such as `dev`.
 */
if (process.env.PULUMI_BACKEND_URL !== undefined) {
  const backend = mkdtempSync(join(tmpdir(), "webhook-pipeline-backend-"));
  process.env.PULUMI_BACKEND_URL = pathToFileURL(backend).href;
  afterAll(() => rmSync(backend, { recursive: true, force: true }));
}
