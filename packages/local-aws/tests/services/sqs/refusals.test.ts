import { beforeEach, describe, expect, it } from "vitest";
import { SqsError } from "../../../services/sqs/errors.js";
import { Queue } from "../../../services/sqs/queue.js";
import { SqsService } from "../../../services/sqs/service.js";

const account = "000000000000";
const urlOf = (name: string) => `http://127.0.0.1:1/${account}/${name}`;

let sqs: SqsService;
let milliseconds: number;

function add(name: string, settings: Partial<Queue["settings"]> = {}): Queue {
  const queue = new Queue(
    {
      name,
      arn: `arn:aws:sqs:us-east-1:${account}:${name}`,
      url: urlOf(name),
      fifo: name.endsWith(".fifo"),
      visibilityTimeoutSeconds: 30,
      delaySeconds: 0,
      maximumMessageBytes: 1_048_576,
      retentionSeconds: 345_600,
      receiveWaitSeconds: 0,
      contentBasedDeduplication: false,
      deduplicatesByGroup: false,
      ...settings,
    },
    undefined,
    () => milliseconds,
  );
  sqs.add(queue);
  return queue;
}

beforeEach(() => {
  milliseconds = 1_800_000_000_000;
  sqs = new SqsService();
  add("work");
  add("orders.fifo");
  add("by-content.fifo", { contentBasedDeduplication: true });
});

type Input = Record<string, unknown>;

const call = (operation: string, input: Input) =>
  sqs.handle(operation, { QueueUrl: urlOf("work"), ...input }) as Promise<Record<string, unknown>>;

/** Code of the query protocol and message of a refusal; `taken` for a call that goes through. */
async function refusalOf(operation: string, input: Input) {
  try {
    await call(operation, input);
  } catch (error) {
    if (error instanceof SqsError) return { code: error.code, status: error.status, message: error.message };
    throw error;
  }
  return "taken";
}

const attribute = (value: unknown, name = "a") => ({ MessageAttributes: { [name]: value } });
const text = (StringValue: string, DataType = "String") => ({ DataType, StringValue });
const traced = (StringValue: string, DataType = "String") => ({
  MessageSystemAttributes: { AWSTraceHeader: { DataType, StringValue } },
});
const ordered = { QueueUrl: urlOf("orders.fifo"), MessageGroupId: "g", MessageDeduplicationId: "d" };

describe("SendMessage refuses", () => {
  const invalid = "InvalidParameterValue";
  const punctuation = "!\"#$%&'()*+,-./:;<=>?@[\\]^_`{|}~";

  it.each<[string, Input, string, string]>([
    ["an empty body", { MessageBody: "" }, "MissingParameter", "parameter MessageBody"],
    ["a body without a value", { MessageBody: null }, "MissingParameter", "parameter MessageBody"],
    ["a body that is no text", { MessageBody: 1 }, invalid, "MessageBody"],
    ["a control character in the body", { MessageBody: "\u0008" }, "InvalidMessageContents", "#x9 | #xA"],
    [
      "a deduplication id on a standard queue",
      { MessageDeduplicationId: "d" },
      invalid,
      "Value d for parameter MessageDeduplicationId is invalid. Reason: The request include parameter that is not valid for this queue type.",
    ],
    [
      "a deduplication id of 129 characters",
      { ...ordered, MessageDeduplicationId: "d".repeat(129) },
      invalid,
      "1 to 128 in length",
    ],
    ["an empty deduplication id", { ...ordered, MessageDeduplicationId: "" }, invalid, "1 to 128 in length"],
    [
      "a deduplication id with a control character",
      { ...ordered, MessageDeduplicationId: "a\u0008" },
      invalid,
      "MessageDeduplicationId can only",
    ],
    [
      "a FIFO message without a group",
      { ...ordered, MessageGroupId: undefined },
      "MissingParameter",
      "parameter MessageGroupId",
    ],
    [
      "a FIFO message without a deduplication id",
      { ...ordered, MessageDeduplicationId: undefined },
      invalid,
      "ContentBasedDeduplication enabled",
    ],
    [
      "a group of 129 characters",
      { MessageGroupId: "g".repeat(129) },
      invalid,
      "MessageGroupId can only include",
    ],
    ["an empty group", { MessageGroupId: "" }, invalid, "MessageGroupId can only include"],
    [
      "a group with a space",
      { ...ordered, MessageGroupId: "a b" },
      invalid,
      "MessageGroupId can only include",
    ],
    [
      "a group with a letter beyond ASCII",
      { MessageGroupId: "é" },
      invalid,
      "MessageGroupId can only include",
    ],
    [
      "a delay of its own on a FIFO queue",
      { ...ordered, DelaySeconds: 1 },
      invalid,
      "not valid for this queue type",
    ],
    ["a delay below 0", { DelaySeconds: -1 }, invalid, "DelaySeconds must be >= 0 and <= 900"],
    ["a delay above 900", { DelaySeconds: 901 }, invalid, "DelaySeconds must be >= 0 and <= 900"],
    ["a delay of half a second", { DelaySeconds: 0.5 }, invalid, "DelaySeconds"],
    ["a delay as text", { DelaySeconds: "5" }, invalid, "DelaySeconds"],
    [
      "11 attributes",
      {
        MessageAttributes: Object.fromEntries(
          Array.from({ length: 11 }, (_, index) => [`a${index}`, text("x")]),
        ),
      },
      invalid,
      "[11] exceeds the allowed maximum [10]",
    ],
    [
      "an attribute without a name",
      attribute(text("x"), ""),
      invalid,
      "non-empty message (user) attribute names",
    ],
    ["an attribute name of 257 characters", attribute(text("x"), "a".repeat(257)), invalid, "256 characters"],
    ...["aWs.a", "AMAZON.a", ".a", "a.", "a..b"].map((name): [string, Input, string, string] => [
      `the attribute name "${name}"`,
      attribute(text("x"), name),
      invalid,
      name,
    ]),
    ...["a!b", 'a"b', "a§b", "a(b", "a b", "a/b", "ä"].map((name): [string, Input, string, string] => [
      `the attribute name "${name}"`,
      attribute(text("x"), name),
      invalid,
      name,
    ]),
    [
      "an attribute without a type",
      attribute({ StringValue: "x" }),
      "MissingParameter",
      "MessageAttributes.a.DataType",
    ],
    ...["", "string", "Text", "Stringy", "String.", "Number.\u0007", `String.${"a".repeat(250)}`].map(
      (type): [string, Input, string, string] => [
        `the type ${JSON.stringify(type.slice(0, 20))}`,
        attribute(text("1", type)),
        invalid,
        "type of message (user) attribute 'a' is invalid",
      ],
    ),
    ["an empty text", attribute(text("")), invalid, "must contain a non-empty value of type 'String'"],
    [
      "a text without a value",
      attribute({ DataType: "String" }),
      invalid,
      "must contain a non-empty value of type 'String'",
    ],
    [
      "an empty text with a label",
      attribute(text("", "String.json")),
      invalid,
      "non-empty value of type 'String.json'",
    ],
    ["control characters in a text", attribute(text("a\u0008\u000b")), invalid, "Invalid characters found"],
    ["half a surrogate pair in a text", attribute(text("\ud800")), invalid, "Invalid characters found"],
    [
      "a text in the field for bytes",
      attribute({ DataType: "String", BinaryValue: "AA==" }),
      invalid,
      "must use field 'String'",
    ],
    ["bytes in the field for text", attribute(text("AA==", "Binary")), invalid, "must use field 'Binary'"],
    [
      "empty bytes",
      attribute({ DataType: "Binary", BinaryValue: "" }),
      invalid,
      "must contain a non-empty value of type 'Binary'",
    ],
    [
      "bytes that are no base64",
      attribute({ DataType: "Binary.png", BinaryValue: "*" }),
      invalid,
      "in base64",
    ],
    [
      "a list of texts",
      attribute({ DataType: "String", StringListValues: ["x"] }),
      "AWS.SimpleQueueService.UnsupportedOperation",
      "list values",
    ],
    ...[
      "one",
      "1,5",
      "0x10",
      "1 ",
      "--1",
      ".",
      "1e",
      "NaN",
      "Infinity",
      "1e127",
      "1.1e126",
      "1e-129",
      "123456789012345678901234567890123456789",
    ].map((number): [string, Input, string, string] => [
      `the number ${number}`,
      attribute(text(number, "Number")),
      invalid,
      "of message (user) attribute 'a'",
    ]),
    [
      "a system attribute other than the trace header",
      { MessageSystemAttributes: { Hello: text("x") } },
      invalid,
      "Message system attribute name 'Hello' is invalid.",
    ],
    [
      "a trace header that is no text",
      traced("Root=1-5759e988-bd862e3fe1be46a994272793", "Number"),
      invalid,
      "must be of the type 'String'",
    ],
    ["a trace header without a root", traced("Sampled=1"), invalid, "X-Ray trace header such as Root=1-"],
    ["a trace header of any form", traced("some-trace-id"), invalid, "X-Ray trace header such as Root=1-"],
  ])("%s", async (_, input, code, message) => {
    expect(await refusalOf("SendMessage", { MessageBody: "a", ...input })).toEqual({
      code,
      status: 400,
      message: expect.stringContaining(message),
    });
  });

  it.each<[string, Input]>([
    [
      "every punctuation mark in both ids",
      { ...ordered, MessageGroupId: punctuation, MessageDeduplicationId: punctuation },
    ],
    [
      "ids of 128 characters",
      { ...ordered, MessageGroupId: "g".repeat(128), MessageDeduplicationId: "d".repeat(128) },
    ],
    [
      "a FIFO message whose content stands for its id",
      { QueueUrl: urlOf("by-content.fifo"), MessageGroupId: "g" },
    ],
    ["a delay of 0 on a FIFO queue", { ...ordered, DelaySeconds: 0 }],
    ["a group on a standard queue", { MessageGroupId: "github" }],
    ["an attribute name of 256 characters", attribute(text("x"), "a".repeat(256))],
    ["an attribute name that only begins like a reserved one", attribute(text("x"), "awsome.a_b-c")],
    ["a label", attribute(text("1", "Number.java.lang.Long"))],
    ["tabs and line breaks in a text", attribute(text("\t\r\n😀"))],
    ...[
      "0",
      "-0.000",
      "+1.5",
      ".5",
      "5.",
      "1E3",
      "1e126",
      "-1e-128",
      "12345678901234567890123456789012345678",
      "0001.000",
    ].map((number): [string, Input] => [`the number ${number}`, attribute(text(number, "Number"))]),
    ["bytes", attribute({ DataType: "Binary.png", BinaryValue: "AP8=" })],
    ["an empty list beside a text", attribute({ ...text("x"), StringListValues: [], BinaryListValues: [] })],
    ["a trace header", traced("Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled=1")],
    ["a bare queue name for a URL", { QueueUrl: "work" }],
  ])("nothing about %s", async (_, input) => {
    expect(await refusalOf("SendMessage", { MessageBody: "a", ...input })).toBe("taken");
  });
});

describe("a batch", () => {
  const entry = (Id: string, rest: Input = {}) => ({ Id, MessageBody: "a", ...rest });
  const many = (count: number) => Array.from({ length: count }, (_, index) => entry(String(index)));
  const batch = "AWS.SimpleQueueService.";
  const idsOf = (answer: Record<string, unknown>, key: string) =>
    (answer[key] as { Id: string }[]).map(({ Id }) => Id);

  it.each<[string, unknown[], string, string]>([
    ["no entries", [], `${batch}EmptyBatchRequest`, "at least one entry"],
    ["11 entries", many(11), `${batch}TooManyEntriesInBatchRequest`, "You have sent 11."],
    ["an id that occurs twice", [entry("a"), entry("a")], `${batch}BatchEntryIdsNotDistinct`, "same Id"],
    ...["", "a.b", "a b", "ä", "a\n", "a".repeat(81)].map((id): [string, unknown[], string, string] => [
      `the id ${JSON.stringify(id.slice(0, 9))}`,
      [entry("good"), entry(id)],
      `${batch}InvalidBatchEntryId`,
      "at most 80 letters",
    ]),
  ])("with %s is refused as a whole, whatever it is for", async (_, Entries, code, message) => {
    const refusal = { code, status: 400, message: expect.stringContaining(message) };
    expect(await refusalOf("SendMessageBatch", { Entries })).toEqual(refusal);
    const handles = Entries.map((each) => ({ ...(each as Input), ReceiptHandle: "x", VisibilityTimeout: 1 }));
    expect(await refusalOf("DeleteMessageBatch", { Entries: handles })).toEqual(refusal);
    expect(await refusalOf("ChangeMessageVisibilityBatch", { Entries: handles })).toEqual(refusal);
    expect(sqs.queueByUrl("work")?.peek()).toEqual([]);
  });

  it("takes ids of 80 letters, digits, hyphens and underscores", async () => {
    const answer = await call("SendMessageBatch", { Entries: [entry("aZ09_-"), entry("a".repeat(80))] });
    expect(idsOf(answer, "Successful")).toEqual(["aZ09_-", "a".repeat(80)]);
  });

  it("is refused as a whole above 1 MiB, attributes included, and takes 1 MiB", async () => {
    const half = "x".repeat(524_288 - 8);
    const Entries = [
      entry("a", { MessageBody: half, ...attribute(text("x")) }),
      entry("b", { MessageBody: half, ...attribute(text("x")) }),
    ];
    expect(idsOf(await call("SendMessageBatch", { Entries }), "Successful")).toEqual(["a", "b"]);
    expect(await refusalOf("SendMessageBatch", { Entries: [...Entries, entry("c")] })).toMatchObject({
      code: `${batch}BatchRequestTooLong`,
      message: "Batch requests cannot be longer than 1048576 bytes. You have sent 1048577 bytes.",
    });
  });

  it("fails the entries alone that a standard queue does not take", async () => {
    const Entries = [
      entry("good"),
      entry("deduplicated", { MessageDeduplicationId: "d" }),
      entry("late", { DelaySeconds: 901 }),
    ];
    const answer = await call("SendMessageBatch", { Entries });
    expect(idsOf(answer, "Successful")).toEqual(["good"]);
    expect(idsOf(answer, "Failed")).toEqual(["deduplicated", "late"]);
  });

  it.each<[string, Input, string]>([
    ["group", { MessageDeduplicationId: "e" }, "The request must contain the parameter MessageGroupId."],
    ["deduplication id", { MessageGroupId: "g" }, "ContentBasedDeduplication enabled"],
  ])("for a FIFO queue is refused as a whole for one entry without a %s", async (_, ids, message) => {
    const QueueUrl = urlOf("orders.fifo");
    const Entries = [entry("good", { MessageGroupId: "g", MessageDeduplicationId: "d" }), entry("bad", ids)];
    expect(await refusalOf("SendMessageBatch", { QueueUrl, Entries })).toEqual({
      code: "InvalidParameterValue",
      status: 400,
      message: expect.stringContaining(message),
    });
    expect(sqs.queueByUrl(QueueUrl)?.peek()).toEqual([]);
  });
});

describe("ReceiveMessage refuses", () => {
  it.each<[string, Input, string, string]>([
    [
      "0 messages",
      { MaxNumberOfMessages: 0 },
      "InvalidParameterValue",
      "Must be between 1 and 10, if provided.",
    ],
    [
      "11 messages",
      { MaxNumberOfMessages: 11 },
      "InvalidParameterValue",
      "Must be between 1 and 10, if provided.",
    ],
    [
      "a wait below 0",
      { WaitTimeSeconds: -1 },
      "InvalidParameterValue",
      "Must be between 0 and 20, if provided.",
    ],
    [
      "a wait above 20 s",
      { WaitTimeSeconds: 21 },
      "InvalidParameterValue",
      "Must be between 0 and 20, if provided.",
    ],
    ["a visibility below 0", { VisibilityTimeout: -1 }, "InvalidParameterValue", "VisibilityTimeout"],
    ["a visibility above 12 h", { VisibilityTimeout: 43_201 }, "InvalidParameterValue", "VisibilityTimeout"],
    [
      "a system attribute that does not exist",
      { MessageSystemAttributeNames: ["Foobar"] },
      "InvalidAttributeName",
      "Unknown Attribute Foobar.",
    ],
    [
      "the same under the older parameter",
      { AttributeNames: ["Foobar"] },
      "InvalidAttributeName",
      "Unknown Attribute Foobar.",
    ],
    [
      "an attempt id on a standard queue",
      { ReceiveRequestAttemptId: "x" },
      "InvalidParameterValue",
      "not valid for this queue type",
    ],
    [
      "an attempt id with a space",
      { QueueUrl: urlOf("orders.fifo"), ReceiveRequestAttemptId: "a b" },
      "InvalidParameterValue",
      "ReceiveRequestAttemptId can only",
    ],
    [
      "an attempt id, which it cannot honour",
      { QueueUrl: urlOf("orders.fifo"), ReceiveRequestAttemptId: "x" },
      "AWS.SimpleQueueService.UnsupportedOperation",
      "leave ReceiveRequestAttemptId out",
    ],
    [
      "the queue of another account",
      { QueueUrl: "http://127.0.0.1:1/111111111111/work" },
      "AWS.SimpleQueueService.NonExistentQueue",
      "does not exist",
    ],
    [
      "a queue whose name only ends the same",
      { QueueUrl: `http://127.0.0.1:1/${account}/x/work` },
      "AWS.SimpleQueueService.NonExistentQueue",
      "does not exist",
    ],
  ])("%s", async (_, input, code, message) => {
    expect(await refusalOf("ReceiveMessage", input)).toMatchObject({
      code,
      message: expect.stringContaining(message),
    });
  });
});

describe("what a receiver is given", () => {
  // Attributes and digests as AWS gave them to LocalStack's snapshot test of message attribute filters.
  it.each<[string[], string[], string | undefined]>([
    [[], [], undefined],
    [["All"], ["General", "Hello", "Help.Me"], "4c360f3fdafd970e05fae2f149d997f5"],
    [["*"], ["General", "Hello", "Help.Me"], "4c360f3fdafd970e05fae2f149d997f5"],
    [[".*"], ["General", "Hello", "Help.Me"], "4c360f3fdafd970e05fae2f149d997f5"],
    [["Foo", "Help"], [], undefined],
    [["Hello", "General"], ["General", "Hello"], "fca026605781cb4126a1e9044df24232"],
    [["Foo", "Hello"], ["Hello"], "a311262e065454b75da111d535b8dacd"],
    [["Hel.*"], ["Hello", "Help.Me"], "83fee93c1bcd8b9a5a923ffacdc636c7"],
    [["AWS."], [], undefined],
    [["..foo"], [], undefined],
  ])("under the attribute names %j is %j, with their own digest", async (names, given, digest) => {
    const MessageAttributes = { "Help.Me": text("Me"), Hello: text("There"), General: text("Kenobi") };
    await call("SendMessage", { MessageBody: "msg", MessageAttributes });
    const { Messages } = await call("ReceiveMessage", { MessageAttributeNames: names });
    const [message] = Messages as Record<string, unknown>[];
    expect(Object.keys(message?.MessageAttributes ?? {}).sort()).toEqual(given);
    expect(message?.MD5OfMessageAttributes).toBe(digest);
  });

  it("is nothing while 120,000 messages are in flight: a short poll is refused, and a long one ends empty", async () => {
    const queue = add("full");
    for (let count = 0; count < 120_001; count++) queue.send({ body: "a", attributes: {} });
    queue.receive(119_999, 30, undefined);
    expect(queue.receive(10, 30, undefined)).toHaveLength(1);
    expect(await refusalOf("ReceiveMessage", { QueueUrl: urlOf("full") })).toMatchObject({
      code: "OverLimit",
      status: 403,
    });
    expect(queue.receive(10, 30, undefined)).toEqual([]);
  });
});

describe("a FIFO repetition", () => {
  const send = (MessageBody: string, rest: Input = {}) =>
    call("SendMessage", { ...ordered, MessageBody, ...rest });

  it("is answered with the first message's id and the digests of what was sent now", async () => {
    const first = await send("one", attribute(text("1")));
    const again = await send("two", attribute(text("2")));
    expect(again).toMatchObject({ MessageId: first.MessageId, SequenceNumber: first.SequenceNumber });
    expect(again.MD5OfMessageBody).toBe("b8a9f715dbb64fd5c56e7783c6820a61");
    expect(again.MD5OfMessageAttributes).not.toBe(first.MD5OfMessageAttributes);
    expect(
      sqs
        .queueByUrl("orders.fifo")
        ?.peek()
        .map(({ body }) => body),
    ).toEqual(["one"]);
  });

  it("is a new message once five minutes have gone by, and after a purge", async () => {
    const first = await send("one");
    milliseconds += 5 * 60_000;
    expect((await send("two")).MessageId).toBe(first.MessageId);
    milliseconds += 1;
    const second = await send("three");
    expect(second.MessageId).not.toBe(first.MessageId);
    await call("PurgeQueue", { QueueUrl: urlOf("orders.fifo") });
    expect((await send("four")).MessageId).not.toBe(second.MessageId);
  });
});

describe("a visibility timeout", () => {
  async function receivedHandle(name = "work"): Promise<string> {
    const ids = name.endsWith(".fifo") ? { MessageGroupId: "g", MessageDeduplicationId: "d" } : {};
    await call("SendMessage", { QueueUrl: urlOf(name), MessageBody: "a", ...ids });
    const { Messages } = await call("ReceiveMessage", { QueueUrl: urlOf(name) });
    return (Messages as { ReceiptHandle: string }[])[0]?.ReceiptHandle ?? "";
  }
  const change = (ReceiptHandle: string, VisibilityTimeout: unknown, name = "work") =>
    refusalOf("ChangeMessageVisibility", { QueueUrl: urlOf(name), ReceiptHandle, VisibilityTimeout });

  it.each([-1, 43_201, 1.5, "10", undefined])("of %j seconds is refused", async (seconds) => {
    expect(await change(await receivedHandle(), seconds)).not.toBe("taken");
  });

  it("may be 12 hours in all, from the receive on", async () => {
    const handle = await receivedHandle();
    expect(await change(handle, 43_200)).toBe("taken");
    milliseconds += 3_600_000;
    expect(await change(handle, 39_600)).toBe("taken");
    expect(await change(handle, 39_601)).toMatchObject({
      code: "InvalidParameterValue",
      message: expect.stringContaining(
        "Total VisibilityTimeout for the message is beyond the limit [43200 seconds]",
      ),
    });
  });

  it("cannot be changed of a message that is visible again", async () => {
    const handle = await receivedHandle();
    milliseconds += 30_000;
    expect(await change(handle, 10)).toMatchObject({ code: "AWS.SimpleQueueService.MessageNotInflight" });
    const ordered = await receivedHandle("orders.fifo");
    milliseconds += 30_000;
    expect(await change(ordered, 10, "orders.fifo")).toMatchObject({
      code: "InvalidParameterValue",
      message: expect.stringContaining("The receipt handle has expired."),
    });
  });

  it("cannot be changed of a message that is deleted", async () => {
    const handle = await receivedHandle();
    await call("DeleteMessage", { ReceiptHandle: handle });
    expect(await change(handle, 10)).toMatchObject({
      code: "InvalidParameterValue",
      message: `Value ${handle} for parameter ReceiptHandle is invalid. Reason: Message does not exist or is not available for visibility timeout change.`,
    });
    expect(await refusalOf("DeleteMessage", { ReceiptHandle: handle })).toBe("taken");
  });

  it.each(["garbage", "", Buffer.from("orders.fifo/x/y").toString("base64")])(
    "cannot be changed by the handle %j, nor the message be deleted",
    async (handle) => {
      const refusal = {
        code: "ReceiptHandleIsInvalid",
        message: `The input receipt handle "${handle}" is not a valid receipt handle.`,
      };
      expect(await change(handle, 10)).toMatchObject(refusal);
      expect(await refusalOf("DeleteMessage", { ReceiptHandle: handle })).toMatchObject(refusal);
    },
  );
});

describe("what asks about queues", () => {
  it("is refused an attribute that no queue has", async () => {
    expect(await refusalOf("GetQueueAttributes", { AttributeNames: ["QueueArn", "Foobar"] })).toEqual({
      code: "InvalidAttributeName",
      status: 400,
      message: "Unknown Attribute Foobar.",
    });
    expect(await refusalOf("GetQueueAttributes", { AttributeNames: ["All", "Policy"] })).toBe("taken");
  });

  it("finds a queue of this account alone", async () => {
    const named = (QueueOwnerAWSAccountId: string) =>
      refusalOf("GetQueueUrl", { QueueName: "work", QueueOwnerAWSAccountId });
    expect(await named(account)).toBe("taken");
    expect(await named("111111111111")).toMatchObject({ code: "AWS.SimpleQueueService.NonExistentQueue" });
  });

  it("gets a list in pages of the size it names", async () => {
    const first = await call("ListQueues", { MaxResults: 2 });
    const { QueueUrls, NextToken } = await call("ListQueues", { MaxResults: 2, NextToken: first.NextToken });
    expect([first.QueueUrls, QueueUrls]).toEqual([
      [urlOf("work"), urlOf("orders.fifo")],
      [urlOf("by-content.fifo")],
    ]);
    expect(NextToken).toBeUndefined();
    expect((await call("ListQueues", {})).NextToken).toBeUndefined();
    for (const page of [{ MaxResults: 0 }, { MaxResults: 1_001 }, { NextToken: "x" }]) {
      expect(await refusalOf("ListQueues", page)).toMatchObject({ code: "InvalidParameterValue" });
      expect(await refusalOf("ListDeadLetterSourceQueues", page)).toMatchObject({
        code: "InvalidParameterValue",
      });
    }
  });
});

describe("PurgeQueue", () => {
  it("is refused a second time within 60 seconds", async () => {
    await call("PurgeQueue", {});
    expect(await refusalOf("PurgeQueue", {})).toEqual({
      code: "AWS.SimpleQueueService.PurgeQueueInProgress",
      status: 403,
      message: "Only one PurgeQueue operation on work is allowed every 60 seconds.",
    });
    expect(await refusalOf("PurgeQueue", { QueueUrl: urlOf("orders.fifo") })).toBe("taken");
  });
});
