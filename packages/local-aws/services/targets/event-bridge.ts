import { randomUUID } from "node:crypto";
import { z } from "zod";
import type { Principal } from "../../iam/principal.js";
import { busArn, partsOfArn } from "../../iam/resources-elsewhere.js";
import type { Graph } from "../../program/graph.js";
import { readInput, unknownOperation, validationError } from "../input.js";
import { ServiceError } from "../service-error.js";
import { Recorder } from "./recorder.js";

/** An event as a bus's rules see it: docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html */
export interface BusEvent {
  readonly version: "0";
  readonly id: string;
  readonly "detail-type": string;
  readonly source: string;
  readonly account: string;
  readonly time: string;
  readonly region: string;
  readonly resources: readonly string[];
  readonly detail: unknown;
}

/** docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const putEvents = z.object({
  Entries: z
    .array(
      z.object({
        EventBusName: z.string().min(1).max(1_600).optional(),
        Source: z.string().optional(),
        DetailType: z.string().optional(),
        Detail: z.string().optional(),
        Time: z.number().optional(),
        Resources: z.array(z.string()).default([]),
        TraceHeader: z.string().min(1).max(500).optional(),
      }),
    )
    .min(1)
    .max(10),
});
type Entry = z.infer<typeof putEvents>["Entries"][number];

/** All entries together are smaller: docs.aws.amazon.com/eventbridge/latest/userguide/eb-putevent-size.html */
const tooManyBytes = 1_048_576;

/** docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEventsRequestEntry.html */
const longestDetailType = 128;

/** EventBridge: takes events on the account's default bus, the program's buses and those that its roles may use. */
export class EventBridge {
  readonly received: Recorder<BusEvent>;

  constructor(private readonly graph: Graph) {
    this.received = new Recorder(graph, "eventBus", [busArn(graph, "default")]);
  }

  /** @throws ServiceError for a request that EventBridge would refuse; a refused entry is part of the answer */
  handle(operation: string, input: unknown, principal: Principal): unknown {
    if (operation !== "PutEvents") throw unknownOperation("EventBridge", operation);
    const { Entries } = readInput(putEvents, input);
    if (Entries.reduce((sum, entry) => sum + sizeBytes(entry), 0) >= tooManyBytes) {
      throw validationError("Total size of the entries in the request is over the limit.");
    }
    const results = Entries.map((entry) => this.#put(entry, principal));
    const failed = results.filter((result) => "ErrorCode" in result);
    return { FailedEntryCount: failed.length, Entries: results };
  }

  #put(
    entry: Entry,
    principal: Principal,
  ): { EventId: string } | { ErrorCode: string; ErrorMessage: string } {
    const { Source, DetailType, Detail, Time, Resources } = entry;
    const refused = (ErrorCode: string, ErrorMessage: string) => ({ ErrorCode, ErrorMessage });
    for (const [name, value] of Object.entries({ Source, DetailType, Detail })) {
      if (value !== undefined && value !== "") continue;
      const message = `Parameter ${name} is not valid. Reason: ${name} is a required argument.`;
      return refused("InvalidArgument", message);
    }
    if (Source?.startsWith("aws.")) {
      return refused("NotAuthorizedForSourceException", "Not authorized for the source.");
    }
    if ((DetailType ?? "").length > longestDetailType) {
      const message = `Parameter DetailType is not valid. Reason: it has more than ${longestDetailType} characters.`;
      return refused("InvalidArgument", message);
    }
    const detail = parseObject(Detail ?? "");
    if (detail === undefined) return refused("MalformedDetail", "Detail is malformed.");

    const arn = busArn(this.graph, entry.EventBusName);
    if (!this.received.has(arn)) {
      throw new ServiceError(
        "ResourceNotFoundException",
        `Event bus ${partsOfArn(arn).resource.replace("event-bus/", "")} does not exist.`,
      );
    }
    const { account, region } = partsOfArn(arn);
    const event: BusEvent = {
      version: "0",
      id: randomUUID(),
      "detail-type": DetailType ?? "",
      source: Source ?? "",
      account,
      // To the second, as EventBridge writes it.
      time: `${new Date(Time === undefined ? Date.now() : Time * 1000).toISOString().slice(0, 19)}Z`,
      region,
      resources: Resources,
      detail,
    };
    this.received.add(arn, principal, event);
    return { EventId: event.id };
  }
}

function sizeBytes({ Time, Source = "", DetailType = "", Detail = "", Resources }: Entry): number {
  const texts = [Source, DetailType, Detail, ...Resources];
  return texts.reduce((sum, text) => sum + Buffer.byteLength(text), Time === undefined ? 0 : 14);
}

function parseObject(text: string): object | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
