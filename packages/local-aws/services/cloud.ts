import { Authoriser } from "../iam/authoriser.js";
import type { Principal } from "../iam/principal.js";
import type { ApiCall } from "../iam/required-access.js";
import type { Graph } from "../program/graph.js";
import { type DynamoDb, startDynamoDb } from "./dynamodb.js";
import { provisionBuckets, provisionQueues } from "./provision.js";
import { S3 } from "./s3/s3.js";
import { SecretsManager } from "./secrets-manager.js";
import { ServiceError } from "./service-error.js";
import { Sns } from "./sns.js";
import { queueDoesNotExist } from "./sqs/errors.js";
import type { OnQueueMetric } from "./sqs/queue.js";
import { SqsService } from "./sqs/service.js";

/** The AWS services of one stack, each call judged by the program's own policies. */
export interface Cloud {
  readonly graph: Graph;
  readonly authoriser: Authoriser;
  readonly sqs: SqsService;
  readonly sns: Sns;
  readonly dynamoDb: DynamoDb;
  readonly secrets: SecretsManager;
  readonly s3: S3;
  /**
   * Makes a call and resolves its output.
   *
   * @throws AccessDenied, SqsError or ServiceError for what AWS would refuse
   */
  call(principal: Principal, call: ApiCall, signal?: AbortSignal): Promise<unknown>;
  close(): Promise<void>;
}

/** Makes queues, tables, topics, secrets and buckets from what the program registers. */
export async function startCloud(graph: Graph, onQueueMetric?: OnQueueMetric): Promise<Cloud> {
  const authoriser = new Authoriser(graph);
  const sqs = new SqsService();
  for (const queue of provisionQueues(graph, onQueueMetric)) sqs.add(queue);
  const sns = new Sns(graph, (topicArn, queueArn, body) => {
    const queue = sqs.queueByArn(queueArn);
    if (queue === undefined) throw queueDoesNotExist();
    // SNS sends in its own name: the queue's policy and its key's policy must let it.
    authoriser.check(
      { kind: "service", name: "sns.amazonaws.com", sourceArn: topicArn },
      { service: "sqs", operation: "SendMessage", input: { QueueUrl: queue.settings.url } },
    );
    queue.send({ body, attributes: {} });
  });
  const secrets = new SecretsManager(graph);
  const s3 = new S3(provisionBuckets(graph));
  const dynamoDb = await startDynamoDb(graph);

  return {
    graph,
    authoriser,
    sqs,
    sns,
    secrets,
    s3,
    dynamoDb,
    async call(principal, call, signal) {
      authoriser.check(principal, call);
      const { service, operation, input } = call;
      switch (service) {
        case "sqs":
          return sqs.handle(operation, input, signal);
        case "dynamodb":
          return dynamoDb.handle(operation, input);
        case "secretsmanager":
          return secrets.handle(operation, input);
        case "sns":
          return sns.handle(operation, input, principal);
        case "s3":
          return s3.handle(operation, input, (access) => authoriser.checkAccess(principal, access));
        default:
          throw new ServiceError(
            "UnknownOperationException",
            `local AWS has no service "${service}": it knows sqs, dynamodb, secretsmanager, sns and s3`,
            501,
          );
      }
    },
    async close() {
      sqs.stop();
      await dynamoDb.close();
    },
  };
}
