import examples from "@octokit/webhooks-examples";
import { describe, expect, it } from "vitest";
import type { NameValue } from "../../../runtime/envelope/headers.js";
import github from "../../../runtime/handlers/github.js";
import { createLog } from "../../../runtime/telemetry/log.js";
import { InvalidWebhookError, Webhook } from "../../../runtime/webhook.js";
import { envelopeOf } from "../../support/sqs-events.js";

function handle(headers: NameValue[], body: string) {
  const lines: string[] = [];
  const webhook = new Webhook(envelopeOf({ headers, body: Buffer.from(body) }), {
    id: "github/1",
    eventId: "1",
    attempt: 1,
  });
  const log = createLog({ level: "INFO", clock: () => 0, writeLine: (line) => lines.push(line) });
  const answer = github(webhook, {
    log,
    signal: new AbortController().signal,
    remainingMilliseconds: () => 1_000,
  });
  return { answer, lines: lines.map((line) => JSON.parse(line)) };
}

const issue = JSON.stringify({ action: "opened", repository: { full_name: "octo/hello" } });

describe("the GitHub handler", () => {
  it("notes event, action and repository", () => {
    const { answer, lines } = handle([["X-GitHub-Event", "issues"]], issue);
    expect(answer).toBeUndefined();
    expect(lines).toMatchObject([{ event: "issues", action: "opened", repository: "octo/hello" }]);
  });

  it("reads the payload of a form", () => {
    const form = new URLSearchParams({ payload: issue }).toString();
    const headers: NameValue[] = [
      ["x-github-event", "issues"],
      ["Content-Type", "application/x-www-form-urlencoded"],
    ];
    expect(handle(headers, form).lines).toMatchObject([{ repository: "octo/hello" }]);
    expect(() => handle(headers, "payload=%7B")).toThrow(InvalidWebhookError);
  });

  it("ignores a ping", () => {
    expect(handle([["X-GitHub-Event", "ping"]], "{}").answer).toEqual({
      ignored: expect.stringContaining("ping"),
    });
  });

  it.each<[string, NameValue[], string]>([
    ["a body that is not JSON", [["X-GitHub-Event", "issues"]], "{"],
    ["JSON that is no object", [["X-GitHub-Event", "issues"]], "null"],
  ])("calls a webhook with %s invalid", (_, headers, body) => {
    expect(() => handle(headers, body)).toThrow(InvalidWebhookError);
  });

  it("takes every example that GitHub's own project has", () => {
    // The package's types describe an ES module, what it ships is CommonJS.
    const all = examples as unknown as readonly {
      readonly name: string;
      readonly examples: readonly unknown[];
    }[];
    for (const { name, examples } of all) {
      for (const payload of examples) {
        expect(() => handle([["X-GitHub-Event", name]], JSON.stringify(payload))).not.toThrow();
      }
    }
  });
});
