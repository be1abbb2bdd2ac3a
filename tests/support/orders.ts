import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import type { LocalPipeline, PipelineOptions } from "../../local/pipeline.js";

/** Settings of a stage whose handler of orders can be mended: `tests/fixtures/handlers/mendable`. */
export const mendable: PipelineOptions = {
  stack: "dev",
  overrides: {
    "webhook-pipeline:sources": [
      {
        name: "orders",
        signature: { scheme: "token", header: "x-token" },
        eventId: ["json:id"],
        redact: ["json:email"],
      },
      { name: "private", signature: { scheme: "none" }, eventId: ["json:id"], keepPayload: "none" },
    ],
    "webhook-pipeline:processor": {
      timeoutSeconds: 10,
      maxConcurrency: 2,
      handlersFolder: "tests/fixtures/handlers/mendable",
    },
  },
};

/** Where the handler writes which orders it has handled. It is mended once the file exists. */
export class HandledOrders {
  readonly #folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-orders-"));
  readonly file = join(this.#folder, "handled");

  constructor() {
    afterAll(() => rmSync(this.#folder, { recursive: true }));
  }

  mend(): void {
    writeFileSync(this.file, "");
  }

  breakAgain(): void {
    rmSync(this.file, { force: true });
  }

  /** Event ids, in the order in which they were handled. */
  get ids(): string[] {
    return readFileSync(this.file, "utf8")
      .split("\n")
      .filter((id) => id !== "");
  }
}

/** Posts an order as its sender does. */
export async function postOrder(
  {
    endpoints,
    token,
    file,
  }: { readonly endpoints: LocalPipeline["endpoints"]; readonly token: string; readonly file: string },
  order: { readonly id: string } & Record<string, unknown>,
): Promise<string> {
  const response = await fetch(endpoints.orders ?? "", {
    method: "POST",
    headers: { "content-type": "application/json", "x-token": token, "x-handled-in": file },
    body: JSON.stringify(order),
  });
  const answer = (await response.json()) as { id: string };
  if (response.status !== 200) throw new Error(`the front door answered ${response.status}`);
  return answer.id;
}
