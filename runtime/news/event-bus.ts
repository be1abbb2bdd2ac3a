import { EventBridgeClient, PutEventsCommand } from "@aws-sdk/client-eventbridge";
import { maxAttempts, partsOfArn, requestHandler } from "../targets/client.js";
import { eventSource, type PutEvents } from "./events.js";

/** Most entries of one request: docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html */
const entriesPerRequest = 10;

/**
 * Opens the bus for events about the pipeline.
 *
 * @param bus a name in the function's account and Region, or an ARN
 */
export function openNewsBus(bus: string): PutEvents {
  const region = bus.startsWith("arn:") ? { region: partsOfArn(bus).region } : {};
  const client = new EventBridgeClient({ ...region, requestHandler, maxAttempts });
  const putTogether = async (entries: Parameters<PutEvents>[0], abortSignal: AbortSignal) => {
    const Entries = entries.map(({ type, time, detail }) => ({
      EventBusName: bus,
      Source: eventSource,
      DetailType: type,
      Time: time,
      Detail: JSON.stringify(detail),
    }));
    const answer = await client.send(new PutEventsCommand({ Entries }), { abortSignal });
    const refused = answer.Entries?.find(({ ErrorCode }) => ErrorCode !== undefined);
    if (refused === undefined) return;
    throw new Error(`the event bus ${bus} refused an event: ${refused.ErrorCode}: ${refused.ErrorMessage}`);
  };
  return async (entries, signal) => {
    const requests: Promise<void>[] = [];
    for (let start = 0; start < entries.length; start += entriesPerRequest) {
      requests.push(putTogether(entries.slice(start, start + entriesPerRequest), signal));
    }
    await Promise.all(requests);
  };
}
