import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { createHmac } from "node:crypto";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { eventually } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

const project = fileURLToPath(new URL("../../", import.meta.url));

/** A provider that does not exist, in the one file that adds it. */
const acme = `
import { fiveMinutes, hmacIn } from "./support/hmac.js";
import { notConfirmed, type Provider } from "./support/provider.js";

export default {
  displayName: "Acme Parcels",
  signature: hmacIn("x-acme-signature", {
    hash: "sha512",
    content: "{timestamp}+{body}",
    timestamp: { header: "x-acme-time", unit: "seconds", toleranceSeconds: fiveMinutes },
  }),
  secret: { store: "the depot's key", shownAt: notConfirmed },
  eventId: ["json:parcel.scan"],
  eventType: "header:x-acme-event",
  handshake: { kind: "none" },
  contentTypes: ["application/vnd.acme.parcel"],
  delivery: { answerTimeout: "2 s", retries: "once, a day later" },
  notes: "Parcels are scanned twice.",
  unconfirmed: ["that there is an Acme"],
  links: ["https://acme.example.com/webhooks"],
  sample: {
    headers: { "X-Acme-Event": "parcel.scanned" },
    body: '{"parcel":{"scan":"scan-1"}}',
    eventId: "scan-1",
    eventType: "parcel.scanned",
  },
} satisfies Provider;
`;

/** Its user's stage, which is no part of adding it. */
const stage = `config:
  webhook-pipeline:sources:
    - { name: parcels, signature: { scheme: acme }, filter: { include: ["parcel.scanned"] } }
  webhook-pipeline:protect: false
`;

describe("a made-up provider, in a copy of the project with one more file", () => {
  let copy: string;
  const read = (path: string) => readFileSync(join(copy, path), "utf8");
  const run = (...args: string[]) =>
    execFileSync(process.execPath, ["--import", "tsx", ...args], {
      cwd: copy,
      encoding: "utf8",
      stdio: "pipe",
    });

  beforeAll(() => {
    copy = mkdtempSync(join(tmpdir(), "webhook-pipeline-test-"));
    cpSync(project, copy, {
      recursive: true,
      filter: (path) => !["node_modules", ".git", "tests"].includes(path.slice(project.length)),
    });
    symlinkSync(join(project, "node_modules"), join(copy, "node_modules"));
    writeFileSync(join(copy, "providers/acme.ts"), acme);
    writeFileSync(join(copy, "Pulumi.acme.yaml"), stage);
  });
  afterAll(() => rmSync(copy, { recursive: true }));

  it("stands in the tables of the documents after npm run docs", () => {
    run("documentation/write.ts");
    expect(read("docs/signatures.md")).toContain(
      "| [Acme Parcels](https://acme.example.com/webhooks) | `acme` | HMAC-SHA-512 of `{timestamp}+{body}`, hex, in `x-acme-signature` " +
        "| the depot's key | not confirmed | `json:parcel.scan` | `header:x-acme-event` | 300 s |  | completely | that there is an Acme |",
    );
    expect(read("docs/signatures.md")).toContain("- **acme**: Parcels are scanned twice.");
    expect(read("docs/ingest.md")).toContain("    application/vnd.acme.parcel\n");
    expect(read("docs/ingest.md")).toContain("| `application/vnd.acme.parcel` | 2 s | once, a day later |");
    expect(read("docs/http-api.md")).toContain(
      "| Acme Parcels | `x-acme-signature`, `x-acme-time`, `x-acme-event` |",
    );
  });

  it("is named among those that a stage can choose, when the stage names one that there is not", () => {
    writeFileSync(join(copy, "Pulumi.typo.yaml"), stage.replace("scheme: acme", "scheme: acmee"));
    expect(() => run("local/cli.ts", "synth", "typo")).toThrow(
      /sources\[0\]\.signature\.scheme: is not known \(one of none, acme, adyen, /,
    );
  });

  it("has its webhooks processed in local mode, its forgeries rejected and its other types dropped", async () => {
    const pipeline = startPipeline(copy);
    try {
      const [, endpoint = ""] = await pipeline.said(/posts to {2}(\S+)/);
      const [, secret = ""] = await pipeline.said(/secret {4}(\S+)/);
      const send = async (scan: string, key: string, event = "parcel.scanned") => {
        const body = JSON.stringify({ parcel: { scan } });
        const time = String(Math.floor(Date.now() / 1000));
        const signature = createHmac("sha512", key).update(`${time}+${body}`).digest("hex");
        const { status } = await fetch(endpoint, {
          method: "POST",
          headers: {
            "content-type": "application/vnd.acme.parcel",
            "x-acme-event": event,
            "x-acme-time": time,
            "x-acme-signature": signature,
          },
          body,
        });
        return status;
      };

      expect(await send("scan-1", secret)).toBe(200);
      await pipeline.said(/ {2}parcels\/scan-1 {2}webhook processed/);
      expect(await send("scan-2", "a guess")).toBe(200);
      await pipeline.said(/ {2}parcels\/rejected:\S+ {2}webhook rejected/);
      expect(await send("scan-3", secret, "parcel.lost")).toBe(200);
      await pipeline.said(/ {2}parcels\/scan-3 {2}webhook ignored/);
    } finally {
      await pipeline.stop();
    }
  }, 60_000);
});

function startPipeline(folder: string) {
  const child: ChildProcess = spawn(
    process.execPath,
    ["--import", "tsx", "local/cli.ts", "start", "--stack", "acme", "--port", "0"],
    { cwd: folder, stdio: ["ignore", "pipe", "pipe"] },
  );
  let said = "";
  for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text) => (said += String(text)));
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return {
    said: (pattern: RegExp) =>
      eventually(`${pattern} in what npm start says`, () => pattern.exec(said) ?? undefined, 45_000),
    stop: () => {
      child.kill("SIGTERM");
      return ended;
    },
  };
}
