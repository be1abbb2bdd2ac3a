import { Authoriser } from "../iam/authoriser.js";
import type { Principal } from "../iam/principal.js";
import type { ApiCall } from "../iam/required-access.js";
import type { Graph } from "../program/graph.js";
import { type DynamoDb, startDynamoDb } from "./dynamodb.js";
import { provisionBuckets, provisionQueues, queuesElsewhere } from "./provision.js";
import { S3 } from "./s3/s3.js";
import { SecretsManager } from "./secrets-manager.js";
import { ServiceError } from "./service-error.js";
import { Sns } from "./sns.js";
import { queueDoesNotExist } from "./sqs/errors.js";
import type { OnQueueMetric } from "./sqs/queue.js";
import { SqsService } from "./sqs/service.js";
import { callSts } from "./sts.js";
import { EventBridge } from "./targets/event-bridge.js";
import { EventRules, type EventRulesOptions } from "./targets/event-rules.js";
import { Firehose } from "./targets/firehose.js";
import { Kinesis } from "./targets/kinesis.js";
import { LambdaInvocations } from "./targets/lambda-invocations.js";
import { StepFunctions } from "./targets/step-functions.js";

/** Makes a call that IAM has allowed, and answers it. */
export type ServiceHandler = (
  operation: string,
  input: ApiCall["input"],
  principal: Principal,
  signal?: AbortSignal,
) => unknown;

/** The AWS services of one stack, each call judged by the program's own policies. */
export interface Cloud {
  readonly graph: Graph;
  readonly authoriser: Authoriser;
  readonly sqs: SqsService;
  readonly sns: Sns;
  readonly dynamoDb: DynamoDb;
  readonly secrets: SecretsManager;
  readonly s3: S3;
  readonly eventBridge: EventBridge;
  readonly stepFunctions: StepFunctions;
  /** Functions of others. The program's own are in `lambda/`. */
  readonly lambda: LambdaInvocations;
  readonly kinesis: Kinesis;
  readonly firehose: Firehose;
  /**
   * Makes a call and resolves its output.
   *
   * @throws AccessDenied, SqsError or ServiceError for what AWS would refuse
   */
  call(principal: Principal, call: ApiCall, signal?: AbortSignal): Promise<unknown>;
  /** Lets a service that starts later, such as CloudWatch, take the calls to it from now on. */
  serve(service: string, handler: ServiceHandler): void;
  close(): Promise<void>;
}

export interface CloudOptions extends Partial<Pick<EventRulesOptions, "compileEventPattern" | "onProblem">> {
  readonly onQueueMetric?: OnQueueMetric | undefined;
}

/**
 * Makes queues, tables, topics, secrets, buckets and rules from what the program registers.
 *
 * @throws UserError for what cannot be made here
 */
export async function startCloud(
  graph: Graph,
  { onQueueMetric, compileEventPattern, onProblem = () => {} }: CloudOptions = {},
): Promise<Cloud> {
  const authoriser = new Authoriser(graph);
  const sqs = new SqsService();
  for (const queue of provisionQueues(graph, onQueueMetric)) sqs.add(queue);
  for (const queue of queuesElsewhere(graph)) sqs.add(queue);
  const sns = new Sns(graph, (topicArn, queueArn, message) => {
    const queue = sqs.queueByArn(queueArn);
    if (queue === undefined) throw queueDoesNotExist();
    // SNS sends in its own name: the queue's policy and its key's policy must let it.
    authoriser.check(
      { kind: "service", name: "sns.amazonaws.com", sourceArn: topicArn },
      { service: "sqs", operation: "SendMessage", input: { QueueUrl: queue.settings.url } },
    );
    queue.send(message);
  });
  const secrets = new SecretsManager(graph);
  const s3 = new S3(provisionBuckets(graph));
  const eventBridge = new EventBridge(graph);
  const stepFunctions = new StepFunctions(graph);
  const rules = new EventRules({
    graph,
    authoriser,
    sqs,
    sns,
    stepFunctions,
    compileEventPattern,
    onProblem,
  });
  eventBridge.received.listen(({ arn, content }) => rules.apply(arn, content));
  const lambda = new LambdaInvocations(graph);
  const kinesis = new Kinesis(graph);
  const firehose = new Firehose(graph);
  const dynamoDb = await startDynamoDb(graph);
  const handlers = new Map<string, ServiceHandler>([
    ["sqs", (operation, input, _, signal) => sqs.handle(operation, input, signal)],
    ["dynamodb", (operation, input) => dynamoDb.handle(operation, input)],
    ["secretsmanager", (operation, input) => secrets.handle(operation, input)],
    ["sns", (operation, input, principal) => sns.handle(operation, input, principal)],
    [
      "s3",
      (operation, input, principal) =>
        s3.handle(operation, input, (access) => authoriser.checkAccess(principal, access)),
    ],
    ["sts", (operation, input, principal) => callSts(graph, operation, input, principal)],
    ["events", (operation, input, principal) => eventBridge.handle(operation, input, principal)],
    ["states", (operation, input, principal) => stepFunctions.handle(operation, input, principal)],
    ["lambda", (operation, input, principal) => lambda.handle(operation, input, principal)],
    ["kinesis", (operation, input, principal) => kinesis.handle(operation, input, principal)],
    ["firehose", (operation, input, principal) => firehose.handle(operation, input, principal)],
  ]);

  return {
    graph,
    authoriser,
    sqs,
    sns,
    secrets,
    s3,
    dynamoDb,
    eventBridge,
    stepFunctions,
    lambda,
    kinesis,
    firehose,
    async call(principal, call, signal) {
      const { service, operation, input } = call;
      const handler = handlers.get(service);
      if (handler === undefined) {
        throw new ServiceError(
          "UnknownOperationException",
          `local AWS has no service "${service}": it knows ${[...handlers.keys()].join(", ")}`,
          501,
        );
      }
      authoriser.check(principal, call);
      return handler(operation, input, principal, signal);
    },
    serve(service, handler) {
      handlers.set(service, handler);
    },
    async close() {
      sqs.stop();
    },
  };
}
