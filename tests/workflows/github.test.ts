import { execFile } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Listening, listenOnLoopback } from "local-aws";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { root } from "../support/imports.js";

/** The scripts of the workflows that keep a comment and an issue, before a server that answers as GitHub does. */

interface Written {
  readonly method: string;
  readonly path: string;
  readonly body: { readonly body?: string; readonly state?: string; readonly title?: string };
}

interface Entry {
  readonly id: number;
  readonly number?: number;
  readonly state?: string;
  readonly body: string | null;
  readonly user: { readonly type: string } | null;
}

const bot = { type: "Bot" };
const somebody = { type: "User" };
const mostCharacters = 65_536;

let server: Listening;
let folder: string;
let entries: Entry[] = [];
let written: Written[] = [];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-github-"));
  server = await listenOnLoopback(
    createServer(async (request, response) => {
      const { method = "", url = "" } = request;
      const { pathname, searchParams } = new URL(url, "http://localhost");
      if (request.headers.authorization !== "Bearer a-token") {
        response.writeHead(401).end("{}");
      } else if (method === "GET") {
        const page = Number(searchParams.get("page") ?? 1);
        const size = Number(searchParams.get("per_page") ?? 30);
        searchParams.set("page", String(page + 1));
        const next = `<${server.origin}${pathname}?${searchParams}>; rel="next"`;
        response.writeHead(200, entries.length > page * size ? { link: next } : {});
        response.end(JSON.stringify(entries.slice((page - 1) * size, page * size)));
      } else {
        written.push({ method, path: pathname, body: JSON.parse(await bodyOf(request)) });
        response.writeHead(200).end("{}");
      }
    }),
  );
});
afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true, force: true });
});
beforeEach(() => {
  entries = [];
  written = [];
});

const many = (count: number): Entry[] =>
  Array.from({ length: count }, (_, id) => ({
    id,
    number: id,
    body: id === 3 ? null : "hello",
    user: id === 4 ? null : somebody,
  }));

describe("the pull request's comment", () => {
  const keep = (text: string, name = "preview of dev") =>
    script("keep-comment.mjs", ["7", name, report(text)]);

  it("is written where there is none", async () => {
    entries = many(3);
    await keep("### Preview of dev");
    expect(written).toEqual([
      {
        method: "POST",
        path: "/repos/team/hooks/issues/7/comments",
        body: { body: "<!-- webhook-pipeline: preview of dev -->\n### Preview of dev" },
      },
    ]);
  });

  it("is written anew where there is one, however many comments came before it", async () => {
    entries = [...many(230), { id: 999, body: "<!-- webhook-pipeline: preview of dev -->\nold", user: bot }];
    await keep("new");
    expect(written).toMatchObject([{ method: "PATCH", path: "/repos/team/hooks/issues/comments/999" }]);
  });

  it("is neither another stage's nor somebody's who has copied it", async () => {
    entries = [
      { id: 1, body: "<!-- webhook-pipeline: preview of prod -->\nold", user: bot },
      { id: 2, body: "<!-- webhook-pipeline: preview of dev -->\nold", user: somebody },
    ];
    await keep("new");
    expect(written).toMatchObject([{ method: "POST" }]);
  });

  it("is cut at the end of a line where GitHub would refuse it, and says where the rest is", async () => {
    await keep("a line of the table\n".repeat(5_000));
    const body = written[0]?.body.body ?? "";
    expect(body.length).toBeLessThanOrEqual(mostCharacters);
    expect(body).toMatch(/\na line of the table\n\nThe rest is too long .* summary .*\n$/);
  });

  it("is missed with GitHub's own words", async () => {
    const { code, stderr } = await script("keep-comment.mjs", ["7", "x", report("x")], {
      GITHUB_TOKEN: "wrong",
    });
    expect(code).toBe(1);
    expect(stderr).toMatch(/GET .*\/issues\/7\/comments\?per_page=100: 401/);
  });
});

describe("the issue of the drift", () => {
  const keep = (found: string) =>
    script("keep-issue.mjs", ["drift of dev", found, report("### Drift of dev")]);
  const issue = (state: string): Entry => ({
    id: 5,
    number: 12,
    state,
    body: "<!-- webhook-pipeline: drift of dev -->\nold",
    user: bot,
  });

  it("is opened by the first drift", async () => {
    await keep("yes");
    expect(written).toMatchObject([
      { method: "POST", path: "/repos/team/hooks/issues", body: { title: "Drift of dev" } },
    ]);
  });

  it.each(["open", "closed"])("is brought up to date by the next, and open again: %s", async (state) => {
    entries = [...many(120), issue(state)];
    await keep("yes");
    expect(written).toMatchObject([
      { method: "PATCH", path: "/repos/team/hooks/issues/12", body: { state: "open" } },
    ]);
    expect(written[0]?.body.body).toContain("### Drift of dev");
  });

  it("is closed when there is none any more", async () => {
    entries = [issue("open")];
    await keep("no");
    expect(written).toMatchObject([{ method: "PATCH", body: { state: "closed" } }]);
  });

  it.each([[[]], [[issue("closed")]]])("is left alone while there is none", async (present) => {
    entries = present;
    await keep("no");
    expect(written).toEqual([]);
  });
});

function report(text: string): string {
  const file = join(folder, "report.md");
  writeFileSync(file, text);
  return file;
}

function script(
  name: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number; readonly stderr: string }> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      [join(root, ".github/scripts", name), ...args],
      {
        env: {
          ...process.env,
          GITHUB_API_URL: server.origin,
          GITHUB_REPOSITORY: "team/hooks",
          GITHUB_TOKEN: "a-token",
          ...env,
        },
      },
      (error, _, stderr) => resolve({ code: error === null ? 0 : Number(error.code ?? 1), stderr }),
    );
  });
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString("utf8");
}
