import examples from "@octokit/webhooks-examples";
import { describe, expect, it } from "vitest";
import { defineHandler, ignore, RetryLaterError } from "../../runtime/define-handler.js";
import github from "../../runtime/handlers/github.js";
import { runHandlerOn } from "../../runtime/testing.js";
import { processorSchema } from "../../settings/groups.js";

describe("runHandlerOn", () => {
  it("runs GitHub's handler on GitHub's own examples as the pipeline would", async () => {
    // The package's types describe an ES module, what it ships is CommonJS.
    const all = examples as unknown as readonly {
      readonly name: string;
      readonly examples: readonly object[];
    }[];
    const push = all.find(({ name }) => name === "push")?.examples[0];
    const { outcome, reason, logs } = await runHandlerOn(github, {
      source: "github",
      headers: { "X-GitHub-Event": "push", "X-GitHub-Delivery": "72d3162e" },
      eventId: ["header:x-github-delivery"],
      body: push,
    });
    expect({ outcome, reason }).toEqual({ outcome: "processed" });
    expect(logs).toMatchObject([
      {
        level: "INFO",
        message: "github event",
        event: "push",
        webhook_id: "github/72d3162e",
        source: "github",
      },
    ]);
    expect(
      await runHandlerOn(github, { source: "github", headers: { "x-github-event": "ping" }, body: {} }),
    ).toMatchObject({
      outcome: "ignored",
      reason: expect.stringContaining("ping"),
    });
    expect(await runHandlerOn(github, { source: "github", body: "{" })).toMatchObject({
      outcome: "invalid",
      reason: "the body is not JSON",
    });
  });

  it("takes bodies as bytes, as text, or as a value to send as JSON", async () => {
    const seen: [string, string | undefined][] = [];
    const handler = defineHandler(
      (webhook) => void seen.push([webhook.text(), webhook.headers.get("content-type")]),
    );
    await runHandlerOn(handler, { source: "a", body: Buffer.from([0x78]) });
    await runHandlerOn(handler, { source: "a", body: "x" });
    await runHandlerOn(handler, { source: "a", body: ["x"] });
    await runHandlerOn(handler, {
      source: "a",
      body: null,
      headers: { "Content-Type": "application/x+json" },
    });
    expect(seen).toEqual([
      ["x", undefined],
      ["x", undefined],
      ['["x"]', "application/json"],
      ["null", "application/x+json"],
    ]);
  });

  it("gives the handler what the pipeline gives it", async () => {
    const receivedAt = new Date("2026-01-01T00:00:00Z");
    const handler = defineHandler((webhook, { remainingMilliseconds, signal }) => {
      expect(webhook).toMatchObject({
        id: "shop/o-1",
        eventId: "o-1",
        source: "shop",
        attempt: 3,
        receivedAt,
      });
      expect(webhook.query.get("page")).toBe("2");
      expect(remainingMilliseconds()).toBeGreaterThan(29_000);
      expect(signal.aborted).toBe(false);
      return ignore("seen");
    });
    const fixture = {
      source: "shop",
      body: { id: "o-1" },
      eventId: ["json:id"],
      query: { page: "2" },
      attempt: 3,
      receivedAt,
    } as const;
    expect(await runHandlerOn(handler, fixture)).toEqual({ outcome: "ignored", reason: "seen", logs: [] });
  });

  it("tells what a failed handler threw, and when to try again", async () => {
    const error = new RetryLaterError("busy", { afterSeconds: 60 });
    const handler = defineHandler(() => {
      throw error;
    });
    expect(await runHandlerOn(handler, { source: "a", body: "" })).toEqual({
      outcome: "failed",
      reason: "RetryLaterError: busy",
      error,
      retryAfterSeconds: 60,
      logs: [],
    });
  });

  it("gives a handler the time that a stage's function has by default", async () => {
    const { timeoutSeconds } = processorSchema.parse({});
    let remaining = 0;
    const handler = defineHandler((_, { remainingMilliseconds }) => {
      remaining = remainingMilliseconds();
    });
    await runHandlerOn(handler, { source: "a", body: "" });
    expect(Math.ceil(remaining / 1000)).toBe(timeoutSeconds);
  });

  it("stops a handler whose time is up", async () => {
    let stopped = false;
    const handler = defineHandler(async (_, { signal }) => {
      signal.addEventListener("abort", () => {
        stopped = true;
      });
      await new Promise(() => {});
    });
    const { outcome, reason } = await runHandlerOn(handler, {
      source: "a",
      body: "",
      timeoutMilliseconds: 50,
    });
    expect(outcome).toBe("failed");
    expect(reason).toContain("HandlerTimeoutError");
    expect(stopped).toBe(true);
  });
});
