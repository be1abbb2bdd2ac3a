import { arnsElsewhere, partsOfArn } from "../iam/resources-elsewhere.js";
import { bucketEncryption } from "../program/bucket-encryption.js";
import { arnOf, describe, type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { partitionOf } from "../program/partition.js";
import { jsonPolicy, queuePolicy, redrivePolicy } from "../program/redrive-policy.js";
import { UserError } from "../program/user-error.js";
import { checkInputs } from "./carried-inputs.js";
import type { BucketSettings } from "./s3/s3.js";
import { type OnQueueMetric, Queue } from "./sqs/queue.js";
import type { QueueSettings } from "./sqs/queue-settings.js";

/**
 * Makes the program's queues, wired as it says.
 *
 * @throws UserError for an input that is not carried over, or a redrive policy that SQS would refuse
 */
export function provisionQueues(graph: Graph, onMetric?: OnQueueMetric): Queue[] {
  checkInputs(graph);
  const queues = resourcesOfType(graph, "aws:sqs/queue:Queue").map((resource) => ({
    resource,
    settings: queueSettings(graph, resource),
  }));
  for (const { resource, settings } of queues) {
    const { redrive } = settings;
    if (redrive === undefined) continue;
    const target = queues.find((each) => each.settings.arn === redrive.deadLetterTargetArn);
    const refuse = (why: string) => new UserError(`${describe(resource)}: redrivePolicy ${why}`);
    if (target === undefined)
      throw refuse(`names ${redrive.deadLetterTargetArn}, which is not a queue of the program`);
    if (target.settings.fifo !== settings.fifo) {
      throw refuse("must name a queue of the same type: the dead-letter queue of a FIFO queue must be FIFO");
    }
    if (!mayRedriveTo(graph, target.resource, settings.arn)) {
      throw refuse(`is not allowed by the redriveAllowPolicy of ${describe(target.resource)}`);
    }
  }
  return queues.map(({ settings }) => new Queue(settings, onMetric));
}

/**
 * Makes the queues of others that the program's roles may use. They are as SQS makes a queue about which nothing is said. A FIFO
 * one takes each message by the deduplication id that comes with it.
 */
export function queuesElsewhere(graph: Graph): Queue[] {
  return arnsElsewhere(graph, "queue").map((arn) => {
    const { region, account, resource: name } = partsOfArn(arn);
    const { dnsSuffix } = partitionOf(region);
    return new Queue({
      name,
      arn,
      url: `https://sqs.${region}.${dnsSuffix}/${account}/${name}`,
      fifo: name.endsWith(".fifo"),
      visibilityTimeoutSeconds: 30,
      delaySeconds: 0,
      maximumMessageBytes: 1_048_576,
      retentionSeconds: 345_600,
      receiveWaitSeconds: 0,
      contentBasedDeduplication: false,
      deduplicatesByGroup: false,
    });
  });
}

/** Makes what the program's buckets are told to be. */
export function provisionBuckets(graph: Graph): BucketSettings[] {
  return resourcesOfType(graph, "aws:s3/bucket:Bucket").map((resource) => ({
    name: String(resource.state.bucket),
    arn: arnOf(resource),
    encryption: bucketEncryption(graph, resource),
  }));
}

/** Defaults as in docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_SetQueueAttributes.html. */
function queueSettings(graph: Graph, resource: GraphResource): QueueSettings {
  const { inputs, state } = resource;
  const seconds = (name: string, otherwise: number) => Number(inputs[name] ?? otherwise);
  const redrive = redrivePolicy(graph, resource);
  return {
    name: String(state.name),
    arn: arnOf(resource),
    url: String(state.url),
    fifo: inputs.fifoQueue === true,
    visibilityTimeoutSeconds: seconds("visibilityTimeoutSeconds", 30),
    delaySeconds: seconds("delaySeconds", 0),
    maximumMessageBytes: Number(inputs.maxMessageSize ?? 1_048_576),
    retentionSeconds: seconds("messageRetentionSeconds", 345_600),
    receiveWaitSeconds: seconds("receiveWaitTimeSeconds", 0),
    contentBasedDeduplication: inputs.contentBasedDeduplication === true,
    deduplicatesByGroup: inputs.deduplicationScope === "messageGroup",
    ...(redrive === undefined ? {} : { redrive }),
  };
}

function mayRedriveTo(graph: Graph, target: GraphResource, sourceArn: string): boolean {
  const text = queuePolicy(
    graph,
    target,
    "redriveAllowPolicy",
    "aws:sqs/redriveAllowPolicy:RedriveAllowPolicy",
  );
  if (text === undefined) return true;
  const { redrivePermission, sourceQueueArns } = jsonPolicy(text, `${describe(target)} redriveAllowPolicy`);
  if (redrivePermission === "byQueue") return (sourceQueueArns as string[]).includes(sourceArn);
  return redrivePermission !== "denyAll";
}
