import { z } from "zod";
import { arnOf, type Graph } from "../program/graph.js";
import { partitionOf } from "../program/partition.js";
import { UserError } from "../program/user-error.js";
import { readInputOr, unknownOperation } from "../services/input.js";
import { pageOf } from "../services/paging.js";
import { ServiceError } from "../services/service-error.js";
import type { EventSourceMapping } from "./event-source-mapping.js";
import { type LambdaFunction, logGroupOf } from "./function.js";

/** As queries write numbers. */
const maxItems = z.coerce.number().int().min(1).max(10_000).default(50);
const marker = z.string().optional();
const functionName = z.string().min(1).max(256);
const uuid = z.string().length(36);
/** docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
const tagKey = z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{1,128}$/u);
const tagValue = z.string().regex(/^[\p{L}\p{Z}\p{N}_.:/=+\-@]{0,256}$/u);
const resourceArn = z.string().min(1).max(10_000);
/** There are no versions and aliases on this machine. */
const qualifier = z.literal("$LATEST").optional();

/** Limits as in AWS's API model of Lambda (2015-03-31). What cannot change for a queue is refused by its name. */
const inputs = {
  ListFunctions: z.strictObject({ Marker: marker, MaxItems: maxItems }),
  GetFunction: z.strictObject({ FunctionName: functionName, Qualifier: qualifier }),
  GetFunctionConfiguration: z.strictObject({ FunctionName: functionName, Qualifier: qualifier }),
  GetFunctionConcurrency: z.strictObject({ FunctionName: functionName }),
  ListEventSourceMappings: z.strictObject({
    EventSourceArn: z.string().optional(),
    FunctionName: functionName.optional(),
    Marker: marker,
    MaxItems: maxItems.default(100),
  }),
  GetEventSourceMapping: z.strictObject({ UUID: uuid }),
  UpdateEventSourceMapping: z.strictObject({
    UUID: uuid,
    Enabled: z.boolean().optional(),
    BatchSize: z.int().min(1).max(10_000).optional(),
    MaximumBatchingWindowInSeconds: z.int().min(0).max(300).optional(),
    ScalingConfig: z.strictObject({ MaximumConcurrency: z.int().min(2).max(1_000).optional() }).optional(),
    FunctionResponseTypes: z.array(z.literal("ReportBatchItemFailures")).max(1).optional(),
  }),
  ListTags: z.strictObject({ Resource: resourceArn }),
  TagResource: z.strictObject({ Resource: resourceArn, Tags: z.record(tagKey, tagValue) }),
  UntagResource: z.strictObject({ Resource: resourceArn, TagKeys: z.array(tagKey).min(1) }),
} as const;

type Operation = keyof typeof inputs;

/** The operations of Lambda that operators have here; `Invoke` is for the program's own roles. */
export const lambdaOperations: readonly string[] = Object.keys(inputs);

type Input<Name extends Operation> = z.output<(typeof inputs)[Name]>;
type Handlers = { readonly [Name in Operation]: (input: Input<Name>) => unknown };

/** docs.aws.amazon.com/lambda/latest/dg/configuration-tags.html */
const mostTags = 50;

/** Lambda as operators see it: the program's functions, their mappings, and the tags of both. */
export class LambdaControl {
  readonly #startedAt = new Date();
  readonly #tags: Map<string, Map<string, string>>;

  constructor(
    private readonly graph: Graph,
    private readonly functions: readonly LambdaFunction[],
    private readonly mappings: readonly EventSourceMapping[],
  ) {
    const tagged = [...functions, ...mappings].map(({ resource }) => resource);
    this.#tags = new Map(
      tagged.map((resource) => [
        arnOf(resource),
        new Map(
          Object.entries((resource.inputs.tagsAll ?? resource.inputs.tags ?? {}) as Record<string, string>),
        ),
      ]),
    );
  }

  /** @throws ServiceError for what Lambda would refuse, and for what it does and this machine does not */
  handle(operation: string, input: unknown): unknown {
    if (!Object.hasOwn(inputs, operation)) throw unknownOperation("Lambda", operation);
    const name = operation as Operation;
    const read = readInputOr(inputs[name], input, (why) => invalid(`1 validation error detected: ${why}`));
    return (this.#handlers[name] as (input: unknown) => unknown)(read);
  }

  readonly #handlers: Handlers = {
    ListFunctions: ({ Marker, MaxItems }) => {
      // One answer of Lambda's has at most 50: docs, API_ListFunctions.
      const { items, next } = pageOf(this.functions, Math.min(MaxItems, 50), Marker, invalidMarker);
      return { Functions: items.map((lambda) => this.#configuration(lambda)), NextMarker: next };
    },
    GetFunction: ({ FunctionName }) => {
      const lambda = this.#function(FunctionName);
      const { ReservedConcurrentExecutions } = concurrencyOf(lambda);
      return {
        Configuration: this.#configuration(lambda),
        Tags: this.#tagsOf(lambda.arn),
        ...(ReservedConcurrentExecutions === undefined
          ? {}
          : { Concurrency: { ReservedConcurrentExecutions } }),
      };
    },
    GetFunctionConfiguration: ({ FunctionName }) => this.#configuration(this.#function(FunctionName)),
    GetFunctionConcurrency: ({ FunctionName }) => concurrencyOf(this.#function(FunctionName)),
    ListEventSourceMappings: ({ EventSourceArn, FunctionName, Marker, MaxItems }) => {
      const lambda = FunctionName === undefined ? undefined : this.#function(FunctionName);
      const found = this.mappings.filter(
        ({ inputs: own, functionArn }) =>
          (EventSourceArn === undefined || own.eventSourceArn === EventSourceArn) &&
          (lambda === undefined || functionArn === lambda.arn),
      );
      const { items, next } = pageOf(found, Math.min(MaxItems, 100), Marker, invalidMarker);
      return { EventSourceMappings: items.map(described), NextMarker: next };
    },
    GetEventSourceMapping: ({ UUID }) => described(this.#mapping(UUID)),
    UpdateEventSourceMapping: (input) => {
      const mapping = this.#mapping(input.UUID);
      const { state } = mapping.status;
      if (state !== "Enabled" && state !== "Disabled") {
        throw new ServiceError(
          "ResourceInUseException",
          `Cannot update the event source mapping because it is in use: its state is ${state}.`,
        );
      }
      try {
        mapping.change({
          ...(input.Enabled === undefined ? {} : { enabled: input.Enabled }),
          ...(input.BatchSize === undefined ? {} : { batchSize: input.BatchSize }),
          ...(input.MaximumBatchingWindowInSeconds === undefined
            ? {}
            : { maximumBatchingWindowInSeconds: input.MaximumBatchingWindowInSeconds }),
          ...(input.ScalingConfig === undefined
            ? {}
            : { scalingConfig: { maximumConcurrency: input.ScalingConfig.MaximumConcurrency } }),
          ...(input.FunctionResponseTypes === undefined
            ? {}
            : { functionResponseTypes: input.FunctionResponseTypes }),
        });
      } catch (error) {
        if (!(error instanceof UserError)) throw error;
        throw invalid(error.message);
      }
      return described(mapping);
    },
    ListTags: ({ Resource }) => ({ Tags: this.#tagsOf(Resource) }),
    TagResource: ({ Resource, Tags }) => {
      const tags = this.#ownTags(Resource);
      const changed = new Map([...tags, ...Object.entries(Tags)]);
      if (changed.size > mostTags) throw invalid(`a resource has at most ${mostTags} tags`);
      this.#tags.set(Resource, changed);
    },
    UntagResource: ({ Resource, TagKeys }) => {
      const tags = this.#ownTags(Resource);
      for (const key of TagKeys) tags.delete(key);
    },
  };

  /** A function by its name, its ARN, or its ARN without the first parts: docs, API_GetFunction. */
  #function(asked: string): LambdaFunction {
    const name = asked.replace(/^(.*:)?function:/, "").replace(/:\$LATEST$/, "");
    const found = this.functions.find((lambda) => lambda.name === name);
    const isArn = asked.startsWith("arn:");
    if (found !== undefined && !(isArn && asked.replace(/:\$LATEST$/, "") !== found.arn)) return found;
    const { account, region } = this.graph;
    const arn = `arn:${partitionOf(region).name}:lambda:${region}:${account}:function:${name}`;
    throw notFound(`Function not found: ${isArn ? asked : arn}`);
  }

  #mapping(id: string): EventSourceMapping {
    const found = this.mappings.find(({ resource }) => resource.id === id);
    if (found === undefined) throw notFound("The resource you requested does not exist.");
    return found;
  }

  #ownTags(arn: string): Map<string, string> {
    const tags = this.#tags.get(arn);
    if (tags === undefined) throw notFound(`The resource you requested does not exist: ${arn}`);
    return tags;
  }

  #tagsOf(arn: string): Record<string, string> {
    return Object.fromEntries(this.#ownTags(arn));
  }

  #configuration({ name, arn, roleArn, timeoutSeconds, resource }: LambdaFunction): object {
    const { inputs: own } = resource;
    const { variables } = (own.environment ?? {}) as { variables?: Record<string, string> };
    const logging = (own.loggingConfig ?? {}) as Record<string, string | undefined>;
    return {
      FunctionName: name,
      FunctionArn: arn,
      Runtime: own.runtime,
      Role: roleArn,
      Handler: own.handler,
      Description: own.description ?? "",
      Timeout: timeoutSeconds,
      MemorySize: own.memorySize ?? 128,
      LastModified: this.#startedAt.toISOString().replace("Z", "+0000"),
      Version: "$LATEST",
      KMSKeyArn: own.kmsKeyArn,
      ...(variables === undefined ? {} : { Environment: { Variables: variables } }),
      State: "Active",
      LastUpdateStatus: "Successful",
      PackageType: "Zip",
      Architectures: own.architectures ?? ["x86_64"],
      LoggingConfig: {
        LogFormat: logging.logFormat ?? "Text",
        ApplicationLogLevel: logging.applicationLogLevel,
        SystemLogLevel: logging.systemLogLevel,
        LogGroup: logGroupOf(resource),
      },
    };
  }
}

function concurrencyOf({ resource }: LambdaFunction): { ReservedConcurrentExecutions?: number } {
  const { reservedConcurrentExecutions: reserved } = resource.inputs as {
    reservedConcurrentExecutions?: number;
  };
  return reserved === undefined || reserved < 0 ? {} : { ReservedConcurrentExecutions: reserved };
}

function described({ resource, inputs: own, functionArn, status }: EventSourceMapping): object {
  const { maximumConcurrency } = (own.scalingConfig ?? {}) as { maximumConcurrency?: number };
  return {
    UUID: resource.id,
    EventSourceMappingArn: arnOf(resource),
    EventSourceArn: own.eventSourceArn,
    FunctionArn: functionArn,
    BatchSize: own.batchSize ?? 10,
    MaximumBatchingWindowInSeconds: own.maximumBatchingWindowInSeconds ?? 0,
    FunctionResponseTypes: own.functionResponseTypes ?? [],
    ...(maximumConcurrency === undefined
      ? {}
      : { ScalingConfig: { MaximumConcurrency: maximumConcurrency } }),
    State: status.state,
    StateTransitionReason: "USER_INITIATED",
    LastModified: status.lastModified.getTime() / 1_000,
  };
}

const invalid = (message: string) => new ServiceError("InvalidParameterValueException", message);
const invalidMarker = () => invalid("Invalid Marker.");
const notFound = (message: string) => new ServiceError("ResourceNotFoundException", message, 404);
