import { GetQueueAttributesCommand, type SQSClient } from "@aws-sdk/client-sqs";

/** How much is in a queue. SQS calls its counts approximate: they follow after about a minute. */
export interface QueueState {
  readonly arn: string;
  /** Ready to be received. */
  readonly waiting: number;
  /** Being handled, or hidden until the next try. */
  readonly inFlight: number;
  /** Sent with a delay that has not ended. */
  readonly delayed: number;
}

export async function queueState(sqs: SQSClient, url: string): Promise<QueueState> {
  const { Attributes = {} } = await sqs.send(
    new GetQueueAttributesCommand({
      QueueUrl: url,
      AttributeNames: [
        "QueueArn",
        "ApproximateNumberOfMessages",
        "ApproximateNumberOfMessagesNotVisible",
        "ApproximateNumberOfMessagesDelayed",
      ],
    }),
  );
  return {
    arn: Attributes.QueueArn ?? "",
    waiting: Number(Attributes.ApproximateNumberOfMessages ?? 0),
    inFlight: Number(Attributes.ApproximateNumberOfMessagesNotVisible ?? 0),
    delayed: Number(Attributes.ApproximateNumberOfMessagesDelayed ?? 0),
  };
}

/** Everything that is in a queue. */
export function inQueue({ waiting, inFlight, delayed }: QueueState): number {
  return waiting + inFlight + delayed;
}

/** The name of a queue, which CloudWatch calls it by. */
export function queueName(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}
