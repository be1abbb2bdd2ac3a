import type { AwsClients } from "../../ops/stage/clients.js";
import type { CountMessages } from "./notices.js";

const counts = [
  "ApproximateNumberOfMessages",
  "ApproximateNumberOfMessagesNotVisible",
  "ApproximateNumberOfMessagesDelayed",
] as const;

/** Counts what is in a queue: what waits, what is being handled, and what is delayed. The numbers are approximate. */
export function countMessages(clients: AwsClients): CountMessages {
  return async (queueUrl) => {
    const [sqs, { GetQueueAttributesCommand }] = await Promise.all([
      clients.sqs(),
      import("@aws-sdk/client-sqs"),
    ]);
    try {
      const { Attributes = {} } = await sqs.send(
        new GetQueueAttributesCommand({ QueueUrl: queueUrl, AttributeNames: [...counts] }),
      );
      return counts.reduce((sum, name) => sum + Number(Attributes[name] ?? 0), 0);
    } catch (error) {
      // Without a queue nothing waits.
      if ((error as Error).name === "QueueDoesNotExist") return 0;
      return undefined;
    }
  };
}
