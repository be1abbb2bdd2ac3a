/** A resource of a stage with its inputs, as the program or the engine has it. */
export interface StageResource {
  /** Type token, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  readonly inputs: Readonly<Record<string, unknown>>;
}

/** What of a stage decides what it costs. */
export interface StageShape {
  readonly api: "rest" | "http";
  readonly lanes: readonly LaneShape[];
  readonly table: { readonly keepsDays: number; readonly isRestorable: boolean };
  readonly hasOverflowBucket: boolean;
  readonly logRetentionDays: number;
  readonly hasAccessLog: boolean;
  readonly isTraced: boolean;
  readonly hasFirewall: boolean;
  readonly secrets: number;
  readonly keys: number;
  /** Metrics that the alarms look at, of all alarms together. */
  readonly alarmMetrics: number;
  readonly compositeAlarms: number;
  readonly dashboards: number;
  /** Interface endpoints, each counted once for each of its zones. */
  readonly interfaceEndpoints: number;
  readonly natGateways: number;
  /** Names of sources, and of subscribers with their sources' names. */
  readonly sources: readonly string[];
  readonly subscribers: readonly string[];
}

/** A queue with its function. */
export interface LaneShape {
  readonly name: string;
  readonly type: "standard" | "fifo";
  readonly memoryMegabytes: number;
  readonly isArm: boolean;
  readonly batchSize: number;
  readonly batchWindowSeconds: number;
  readonly sources: readonly string[];
  readonly subscribers: readonly string[];
  /** Those of both that have metrics of their own. */
  readonly countedBySource: readonly string[];
  /** Sources whose arrivals are a metric too. */
  readonly expected: readonly string[];
}

/** What the program's output `operations` tells that decides what a stage costs. */
export interface Operations {
  readonly lanes: Readonly<
    Record<string, Pick<LaneShape, "type" | "sources" | "subscribers" | "countedBySource" | "expected">>
  >;
  /** How long the history keeps a webhook, in days. */
  readonly historyTtlDays: number;
}

/** Reads out of a stage's resources what decides what it costs. */
export function stageShape(
  resources: readonly StageResource[],
  { lanes, historyTtlDays }: Operations,
): StageShape {
  const ofType = (type: string) => resources.filter((resource) => resource.type === type);
  const count = (type: string) => ofType(type).length;
  const functions = new Map(ofType("aws:lambda/function:Function").map((each) => [each.name, each.inputs]));
  const mappings = new Map(
    ofType("aws:lambda/eventSourceMapping:EventSourceMapping").map((each) => [each.name, each.inputs]),
  );
  const shapes = Object.entries(lanes).map(([name, lane]): LaneShape => {
    const code = functions.get(`${name}-processor`) ?? {};
    const mapping = mappings.get(`${name}-processor-source`) ?? {};
    return {
      name,
      type: lane.type,
      memoryMegabytes: numberOf(code.memorySize, 128),
      isArm: listOf(code.architectures).includes("arm64"),
      batchSize: numberOf(mapping.batchSize, 10),
      batchWindowSeconds: numberOf(mapping.maximumBatchingWindowInSeconds, 0),
      sources: lane.sources,
      subscribers: lane.subscribers,
      countedBySource: lane.countedBySource,
      expected: lane.expected,
    };
  });
  const recovery = ofType("aws:dynamodb/table:Table").map(({ inputs }) => inputs.pointInTimeRecovery);
  const retention = ofType("aws:cloudwatch/logGroup:LogGroup").map(({ inputs }) =>
    numberOf(inputs.retentionInDays, 0),
  );
  const endpoints = ofType("aws:ec2/vpcEndpoint:VpcEndpoint").filter(
    ({ inputs }) => inputs.vpcEndpointType === "Interface",
  );
  const subnets = ofType("aws:ec2/subnet:Subnet");
  const zones = new Set(subnets.map(({ inputs }) => inputs.availabilityZone)).size;
  return {
    api: count("aws:apigateway/restApi:RestApi") > 0 ? "rest" : "http",
    lanes: shapes,
    table: {
      keepsDays: historyTtlDays,
      isRestorable: recovery.some(
        (setting) => (setting as { enabled?: boolean } | undefined)?.enabled === true,
      ),
    },
    hasOverflowBucket: count("aws:s3/bucket:Bucket") > 0,
    logRetentionDays: Math.max(0, ...retention),
    hasAccessLog: [...ofType("aws:apigateway/stage:Stage"), ...ofType("aws:apigatewayv2/stage:Stage")].some(
      ({ inputs }) => inputs.accessLogSettings !== undefined,
    ),
    isTraced: [...functions.values()].some(
      ({ tracingConfig }) => (tracingConfig as { mode?: string } | undefined)?.mode === "Active",
    ),
    hasFirewall: count("aws:wafv2/webAclAssociation:WebAclAssociation") > 0,
    secrets: count("aws:secretsmanager/secret:Secret"),
    keys: count("aws:kms/key:Key"),
    alarmMetrics: ofType("aws:cloudwatch/metricAlarm:MetricAlarm").reduce(
      (sum, { inputs }) => sum + metricsIn(inputs),
      0,
    ),
    compositeAlarms: count("aws:cloudwatch/compositeAlarm:CompositeAlarm"),
    dashboards: count("aws:cloudwatch/dashboard:Dashboard"),
    // Before the network is made, the engine does not know the subnets' ids. There is one in each zone.
    interfaceEndpoints: endpoints.reduce(
      (sum, { inputs }) => sum + (listOf(inputs.subnetIds).length || zones),
      0,
    ),
    // The engine tells what awsx makes; without it there is only what awsx was asked for.
    natGateways:
      count("aws:ec2/natGateway:NatGateway") ||
      ofType("awsx:ec2:Vpc").filter(({ inputs }) => isSingle(inputs.natGateways)).length,
    sources: shapes.flatMap(({ sources }) => sources),
    subscribers: shapes.flatMap(({ subscribers }) => subscribers),
  };
}

/** An alarm on an expression is billed for each metric in it: aws.amazon.com/cloudwatch/pricing. */
function metricsIn({ metricQueries }: StageResource["inputs"]): number {
  const queries = listOf(metricQueries) as { metric?: unknown }[];
  return Math.max(1, queries.filter(({ metric }) => metric !== undefined).length);
}

/** The program asks awsx for one for all zones, or for none. */
function isSingle(natGateways: unknown): boolean {
  return (natGateways as { readonly strategy?: string } | undefined)?.strategy === "Single";
}

function numberOf(value: unknown, otherwise: number): number {
  return typeof value === "number" ? value : otherwise;
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
