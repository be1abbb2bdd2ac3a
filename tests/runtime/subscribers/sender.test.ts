import { describe, expect, it, vi } from "vitest";
import {
  createSender,
  type OutgoingMessage,
  type SendMessages,
} from "../../../runtime/subscribers/sender.js";

const message = (body: string): OutgoingMessage => ({ body, groupId: "g" });

/** SQS that answers when it is told to. */
function slowQueue(webhooks = 1) {
  const requests: {
    queueUrl: string;
    bodies: string[];
    answer: (refused?: ReadonlyMap<number, string>) => void;
  }[] = [];
  const sendMessages: SendMessages = (queueUrl, messages) => {
    const { promise, resolve } = Promise.withResolvers<ReadonlyMap<number, string>>();
    const bodies = messages.map(({ body }) => body);
    requests.push({ queueUrl, bodies, answer: (refused = new Map()) => resolve(refused) });
    return promise;
  };
  return { requests, send: createSender(sendMessages, webhooks) };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

describe("the sender of a batch", () => {
  it("puts what goes to the same queue into one request, ten at most", async () => {
    const { requests, send } = slowQueue();
    for (let index = 0; index < 12; index++) void send("a", message(`a${index}`));
    void send("b", message("b0"));
    await turn();

    expect(requests.map(({ queueUrl, bodies }) => [queueUrl, bodies.length])).toEqual([
      ["a", 10],
      ["a", 2],
      ["b", 1],
    ]);
  });

  it("collects for a moment if the batch has several webhooks", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout"] });
    try {
      const { requests, send } = slowQueue(2);
      void send("a", message("a0"));
      await turn();
      void send("a", message("a1"));
      await vi.advanceTimersByTimeAsync(5);

      expect(requests.map(({ bodies }) => bodies)).toEqual([["a0", "a1"]]);
    } finally {
      vi.useRealTimers();
    }
  });

  it("puts no more into a request than SQS takes", async () => {
    const { requests, send } = slowQueue();
    const half = "x".repeat(524_288);
    for (const body of [half, half, "one more", `${half}${half}`]) void send("a", message(body));
    await turn();

    expect(requests.map(({ bodies }) => bodies.length)).toEqual([2, 1, 1]);
  });

  it("confirms each message by itself, and tells why SQS refused one", async () => {
    const { requests, send } = slowQueue();
    const results = Promise.allSettled(["1", "2", "3"].map((body) => send("a", message(body))));
    await turn();
    requests[0]?.answer(new Map([[1, "InternalError: try again"]]));

    expect(await results).toMatchObject([
      { status: "fulfilled" },
      { status: "rejected", reason: new Error("SQS refused it: InternalError: try again") },
      { status: "fulfilled" },
    ]);
  });

  it("fails all messages of a request that fails", async () => {
    const send = createSender(async () => {
      throw new Error("no network");
    }, 1);
    const results = await Promise.allSettled(["1", "2"].map((body) => send("a", message(body))));

    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
  });

  it("has ten requests on their way at most, and lets the next leave when one is answered", async () => {
    const { requests, send } = slowQueue();
    for (let queue = 0; queue < 12; queue++) void send(`q${queue}`, message("1"));
    await turn();
    // What waits for its turn takes along what comes meanwhile.
    void send("q11", message("2"));
    await turn();
    expect(requests).toHaveLength(10);

    requests[0]?.answer();
    requests[1]?.answer();
    await turn();
    expect(requests.slice(10).map(({ queueUrl, bodies }) => [queueUrl, bodies])).toEqual([
      ["q10", ["1"]],
      ["q11", ["1", "2"]],
    ]);
  });
});
