import { afterEach, describe, expect, it } from "vitest";
import { openNewsBus } from "../../../runtime/news/event-bus.js";
import { type AwsAnswer, type AwsRequest, type FakeAws, startFakeAws } from "../../support/aws-target.js";

let aws: FakeAws | undefined;
afterEach(() => aws?.stop());

interface Entry {
  readonly EventBusName: string;
  readonly Source: string;
  readonly DetailType: string;
  readonly Time: number;
  readonly Detail: string;
}

const entriesIn = ({ body }: AwsRequest) => (JSON.parse(body.toString()) as { Entries: Entry[] }).Entries;

/** EventBridge that takes each entry, unless `refuse` names a code for it. */
async function eventBridge(refuse: (entry: Entry) => string | undefined = () => undefined): Promise<FakeAws> {
  aws = await startFakeAws((request): AwsAnswer => {
    const Entries = entriesIn(request).map((entry) => {
      const ErrorCode = refuse(entry);
      return ErrorCode === undefined ? { EventId: "e-1" } : { ErrorCode, ErrorMessage: "not this one" };
    });
    const FailedEntryCount = Entries.filter((entry) => "ErrorCode" in entry).length;
    return { status: 200, body: JSON.stringify({ FailedEntryCount, Entries }) };
  });
  return aws;
}

const time = new Date("2026-01-01T00:00:00.000Z");
const event = (number: number) => ({ type: "Webhook Invalid", time, detail: { number } }) as const;
const soon = () => AbortSignal.timeout(20_000);

describe("the bus for events about the pipeline", () => {
  it("gets each as an event of the source webhooks", async () => {
    const { requests } = await eventBridge();
    await openNewsBus("ops")([event(1)], soon());

    expect(requests.flatMap(entriesIn)).toEqual([
      {
        EventBusName: "ops",
        Source: "webhooks",
        DetailType: "Webhook Invalid",
        Time: time.getTime() / 1000,
        Detail: '{"number":1}',
      },
    ]);
  });

  it("gets ten in a request, which is EventBridge's limit", async () => {
    const { requests } = await eventBridge();
    await openNewsBus("ops")(
      Array.from({ length: 23 }, (_, number) => event(number)),
      soon(),
    );

    expect(requests.map((request) => entriesIn(request).length).sort()).toEqual([10, 10, 3]);
    const numbers = requests.flatMap(entriesIn).map(({ Detail }) => JSON.parse(Detail).number as number);
    expect(numbers.sort((one, other) => one - other)).toEqual(Array.from({ length: 23 }, (_, at) => at));
  });

  it("is called in the Region of its ARN", async () => {
    const { requests } = await eventBridge();
    await openNewsBus("arn:aws:events:us-east-1:123456789012:event-bus/ops")([event(1)], soon());

    expect(requests[0]?.headers.authorization).toContain("/us-east-1/events/");
  });

  it("is understood when it refuses one of them in an answer of success", async () => {
    await eventBridge(({ Detail }) => (Detail.includes("2") ? "NotAuthorizedForSourceException" : undefined));

    await expect(openNewsBus("ops")([event(1), event(2)], soon())).rejects.toThrow(
      "the event bus ops refused an event: NotAuthorizedForSourceException: not this one",
    );
  });
});
