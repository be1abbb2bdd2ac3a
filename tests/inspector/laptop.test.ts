import { eventually } from "local-aws";
import { expect, it } from "vitest";
import {
  type ActionState,
  type Detail,
  type Draft,
  type ListPage,
  type Plan,
  paths,
  type Senders,
} from "../../inspector/contract.js";
import { inspectorFor } from "../../inspector/for-npm-start.js";
import { pageOf } from "../support/inspector/client.js";
import { stageFile, startWith } from "../support/npm-start.js";

it("npm start serves the inspector of its own pipeline, with a composer and what only the laptop knows", async () => {
  const { event, events, stop } = await startWith(
    await stageFile(
      "  webhook-pipeline:sources: [{ name: code, signature: { scheme: github } }, { name: open, signature: { scheme: none }, eventId: [request-id] }]\n",
    ),
    (running, pipeline) => inspectorFor(running, pipeline, 0),
  );
  await event("started", { inspector: expect.stringMatching(/^http:\/\/127\.0\.0\.1:\d+\/#token=/) });
  const { origin, hash } = new URL(String(events()[0]?.inspector));
  const page = pageOf({ origin, token: hash.replace("#token=", "") });

  const { content: composer } = await page.call<Senders>(paths.senders, {});
  expect(composer.stage).toMatchObject({ isLocal: true, isWritable: true });
  expect(composer.senders).toEqual([
    {
      source: "code",
      provider: "github",
      displayName: "GitHub",
      eventTypes: [expect.stringMatching(/./)],
      takesType: true,
      isSigned: true,
    },
    { source: "open", eventTypes: [], takesType: false, isSigned: false },
  ]);
  const { content: draft } = await page.call<Draft>(paths.draft, { source: "code", eventType: "issues" });
  expect(draft.headers).toContainEqual({ name: "X-GitHub-Event", value: "issues" });

  /** Plans a webhook, sends it, and waits until so many have this outcome. */
  const send = async (signing: string, outcome: string, count = 1) => {
    const action = {
      kind: "send",
      source: "code",
      eventType: "issues",
      bodyBase64: draft.bodyBase64,
      signing,
    };
    const { content: plan } = await page.call<Plan>(paths.plan, action);
    expect(plan.question).toBe("Send 1 webhook?");
    const { content: begun } = await page.call<ActionState>(paths.confirm, { planId: plan.planId });
    await eventually("it is sent", async () => {
      const { content } = await page.call<ActionState>(paths.action, { actionId: begun.actionId });
      return content.state === "done" && content.summary === "1 of 1 webhook were taken";
    });
    return eventually(
      "its end",
      async () => {
        const { content } = await page.call<ListPage>(paths.list, { filter: `outcome:${outcome}` });
        return content.rows.length >= count ? content.rows : undefined;
      },
      20_000,
    );
  };
  const [processed] = await send("signed", "processed");
  expect(processed).toMatchObject({ source: "code", type: "issues" });
  const unsigned = await send("unsigned", "rejected");
  expect(unsigned[0]?.reason).toContain("x-hub-signature-256");
  await send("tampered", "rejected", 2);

  const { content: detail } = await page.call<Detail>(paths.detail, { id: processed?.id });
  const form = new URLSearchParams(detail.laptop?.sqsForm);
  expect(form.get("Action")).toBe("SendMessage");
  expect(form.get("MessageBody")).toContain('{"v":1,"s":"code"');
  const actions = detail.laptop?.permissions.map(({ action, isAllowed }) => [action, isAllowed]);
  expect(actions).toContainEqual(["dynamodb:PutItem", true]);

  const { content: again } = await page.call<Draft>(paths.draft, { from: processed?.id });
  expect(again).toMatchObject({ source: "code", eventType: "issues", bodyBase64: draft.bodyBase64 });

  expect(await stop()).toBe(0);
  await expect(fetch(origin)).rejects.toThrow();
}, 90_000);
