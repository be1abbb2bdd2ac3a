import { CloudWatchClient, DeleteAlarmsCommand, DescribeAlarmsCommand } from "@aws-sdk/client-cloudwatch";
import {
  GetFunctionConfigurationCommand,
  LambdaClient,
  ListEventSourceMappingsCommand,
  ListFunctionsCommand,
  UpdateEventSourceMappingCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import {
  ListQueuesCommand,
  PurgeQueueCommand,
  SendMessageCommand,
  SetQueueAttributesCommand,
  SQSClient,
} from "@aws-sdk/client-sqs";
import { iam } from "./emulator.js";

/** Hands that change a stage in AWS behind Pulumi's back. No other test has stages in this Region. */
export class Hands {
  private readonly sqs: SQSClient;
  private readonly cloudWatch: CloudWatchClient;
  private readonly lambda: LambdaClient;

  constructor(readonly region: string) {
    this.sqs = new SQSClient({ region });
    this.cloudWatch = new CloudWatchClient({ region });
    this.lambda = new LambdaClient({ region });
  }

  async setVisibilityTimeout(queue: string, seconds: number): Promise<void> {
    await this.sqs.send(
      new SetQueueAttributesCommand({
        QueueUrl: await this.queueUrl(queue),
        Attributes: { VisibilityTimeout: String(seconds) },
      }),
    );
  }

  /** Sends a message that waits, because nobody works the queues off: the emulator's mapping might take it at once. */
  async sendMessage(queue: string): Promise<void> {
    const { EventSourceMappings = [] } = await this.lambda.send(new ListEventSourceMappingsCommand({}));
    for (const { UUID } of EventSourceMappings) {
      await this.lambda.send(new UpdateEventSourceMappingCommand({ UUID, Enabled: false }));
    }
    await this.sqs.send(new SendMessageCommand({ QueueUrl: await this.queueUrl(queue), MessageBody: "{}" }));
  }

  async purge(queue: string): Promise<void> {
    await this.sqs.send(new PurgeQueueCommand({ QueueUrl: await this.queueUrl(queue) }));
  }

  /** How many queues have a name that begins like this. */
  async countQueues(prefix: string): Promise<number> {
    const { QueueUrls = [] } = await this.sqs.send(new ListQueuesCommand({ QueueNamePrefix: prefix }));
    return QueueUrls.length;
  }

  async deleteAlarm(alarm: string): Promise<void> {
    const { MetricAlarms = [] } = await this.cloudWatch.send(
      new DescribeAlarmsCommand({ AlarmNamePrefix: alarm }),
    );
    await this.cloudWatch.send(
      new DeleteAlarmsCommand({ AlarmNames: MetricAlarms.flatMap(({ AlarmName }) => AlarmName ?? []) }),
    );
  }

  async setEnvironmentVariable(name: string, value: string): Promise<void> {
    const { Functions = [] } = await this.lambda.send(new ListFunctionsCommand({}));
    const FunctionName = Functions[0]?.FunctionName;
    const { Environment } = await this.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const Variables = { ...Environment?.Variables, [name]: value };
    await this.lambda.send(
      new UpdateFunctionConfigurationCommand({ FunctionName, Environment: { Variables } }),
    );
  }

  /** Adds a statement to the policy of the function's role. Roles have no Region, so those of other tests have the same names. */
  async widen(statement: object): Promise<void> {
    const { Functions = [] } = await this.lambda.send(new ListFunctionsCommand({}));
    const RoleName = Functions[0]?.Role?.split("/").at(-1) ?? "";
    const policies = await iam({ Action: "ListRolePolicies", RoleName });
    const PolicyName = /<member>([^<]*)</.exec(policies)?.[1] ?? "";
    const answer = await iam({ Action: "GetRolePolicy", RoleName, PolicyName });
    const text = /<PolicyDocument>([^<]*)</.exec(answer)?.[1] ?? "";
    const policy = JSON.parse(decodeURIComponent(text));
    policy.Statement.push(statement);
    await iam({ Action: "PutRolePolicy", RoleName, PolicyName, PolicyDocument: JSON.stringify(policy) });
  }

  private async queueUrl(name: string): Promise<string> {
    const { QueueUrls = [] } = await this.sqs.send(new ListQueuesCommand({ QueueNamePrefix: name }));
    const [url] = QueueUrls;
    if (url === undefined) throw new Error(`there is no queue ${name}`);
    return url;
  }
}
