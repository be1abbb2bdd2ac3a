import type { SQSMessageAttributes } from "aws-lambda";
import type { Queue, QueuedMessage } from "local-aws";
import type { MessageAgain } from "../../../runtime/batch/held-message.js";

/** A webhook that has to wait, as a function sends it to its queue again. */
export function heldMessage({
  body,
  attributes,
  groupId,
  delaySeconds,
}: MessageAgain): Parameters<Queue["send"]>[0] {
  const held = { DataType: "String", StringValue: attributes.held?.stringValue ?? "" };
  return { body, attributes: { held }, groupId: groupId ?? "a", delaySeconds };
}

/** A message's attributes as a function gets them. */
export function attributesOf({ attributes }: QueuedMessage): SQSMessageAttributes {
  return Object.fromEntries(
    Object.entries(attributes).map(([name, { DataType, StringValue }]) => [
      name,
      { dataType: DataType as "String", stringValue: StringValue ?? "" },
    ]),
  );
}
