import { sendRequest } from "local-aws";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type LocalPipeline, startPipeline } from "../../local/pipeline.js";
import { endOf, hasBody, idIn, messagesTaken } from "../support/ingest-pipeline.js";

describe("a source with a schema at the edge", () => {
  let pipeline: LocalPipeline;
  beforeAll(async () => {
    const none = { signature: { scheme: "none" }, eventId: ["request-id"] };
    const edgeSchema = {
      type: "object",
      required: ["id"],
      properties: { id: { type: "string", minLength: 1 }, amount: { type: "integer", minimum: 0 } },
    };
    pipeline = await startPipeline({
      stack: "dev",
      overrides: {
        "webhook-pipeline:api": { bodyMode: "text" },
        "webhook-pipeline:sources": [
          { name: "checked", ...none, edgeSchema },
          { name: "open", ...none },
        ],
      },
    });
  });
  afterAll(() => pipeline?.stop());

  const post = (source: string, body: string, ...headers: string[]) =>
    sendRequest(pipeline.endpoints[source] ?? "", { body, headers });

  it("takes what fits, with all that the schema does not name", async () => {
    const body = '{ "id":"1",\n"amount":0,"note":"é😀\'" }';
    const answer = await post("checked", body, "Content-Type", "application/json; charset=utf-8");

    expect(answer.status).toBe(200);
    expect(await hasBody(pipeline, await endOf(pipeline, idIn(answer)), Buffer.from(body))).toBe(true);
  });

  it.each(['{"id":""}', '{"id":1}', "{}", "", '{"id":"1","amount":-1}', "[]", "id=1", '{"id":'])(
    "answers 400 to %j, and does not queue it",
    async (body) => {
      const before = messagesTaken(pipeline);
      const answer = await post("checked", body);

      expect([answer.status, JSON.parse(answer.body)]).toEqual([
        400,
        { message: "The body does not fit the source's schema.", id: idIn(answer) },
      ]);
      expect(messagesTaken(pipeline)).toBe(before);
    },
  );

  it("answers 415 to every type that would pass unchecked", async () => {
    const before = messagesTaken(pipeline);

    for (const type of ["text/plain", "application/xml", "application/cloudevents+json"])
      expect((await post("checked", "{}", "Content-Type", type)).status).toBe(415);
    expect(messagesTaken(pipeline)).toBe(before);
  });

  it("leaves other sources unchecked", async () => {
    expect((await post("open", "id=1", "Content-Type", "text/plain")).status).toBe(200);
  });
});
