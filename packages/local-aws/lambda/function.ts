import { randomUUID } from "node:crypto";
import { join, posix } from "node:path";
import type { AccessKey } from "../iam/principal.js";
import { archiveFiles, isArchive } from "../program/archive.js";
import type { Graph, GraphResource } from "../program/graph.js";
import { arnOf, describe } from "../program/graph.js";
import { UserError } from "../program/user-error.js";
import type { MetricSink } from "../watching/metrics.js";
import { ExecutionEnvironment, type InvocationResult } from "./execution-environment.js";
import { isHandedOn } from "./log-level.js";
import { makeTaskFolder, removeTaskFolder } from "./task-folder.js";

export interface LambdaFunctionOptions {
  readonly graph: Graph;
  readonly resource: GraphResource;
  /** Key of the function's role. */
  readonly key: AccessKey;
  /** Where the function finds AWS. */
  readonly endpoint: string;
  /** Environment variables besides those of the program. */
  readonly variables?: Readonly<Record<string, string>>;
  readonly metrics: MetricSink;
  readonly onLine: (line: string) => void;
  readonly onFailedInvocation?: ((failed: FailedInvocation) => void) | undefined;
}

/** An invocation that threw, ran out of time, or whose process ended. */
export interface FailedInvocation {
  readonly functionName: string;
  readonly event: unknown;
  /** As Lambda names it, such as `Runtime.ExitError`. */
  readonly errorType: string;
}

/** A function to look after from outside. */
export interface RunningFunction {
  readonly name: string;
  /** Ends the process of one invocation under way, as a failing machine would. False if there is none. */
  killOne(): boolean;
}

/** Concurrent executions of an account by default: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html. */
const accountConcurrency = 1_000;

/** A function of the program, run from the files that would be deployed. */
export class LambdaFunction implements RunningFunction {
  readonly name: string;
  readonly arn: string;
  readonly roleArn: string;
  readonly resource: GraphResource;
  readonly timeoutSeconds: number;
  readonly #concurrency: number;
  readonly #idle: ExecutionEnvironment[] = [];
  readonly #starting = new Set<ExecutionEnvironment>();
  readonly #busy = new Set<ExecutionEnvironment>();
  /** Invocations that have an environment or are waiting for one to start. */
  #running = 0;
  #stopped = false;

  private constructor(
    private readonly options: LambdaFunctionOptions,
    private readonly folder: string,
  ) {
    const { inputs, state } = options.resource;
    this.resource = options.resource;
    this.name = String(state.name);
    this.arn = arnOf(options.resource);
    this.roleArn = String(inputs.role);
    this.timeoutSeconds = Number(inputs.timeout ?? 3);
    this.#concurrency = Number(inputs.reservedConcurrentExecutions ?? accountConcurrency);
  }

  /**
   * Unpacks the function's code into a folder of its own.
   *
   * @throws UserError for code that cannot be run here: a container image, another runtime than Node's
   */
  static async load(options: LambdaFunctionOptions): Promise<LambdaFunction> {
    const { resource } = options;
    const { code, packageType = "Zip", runtime, handler } = resource.inputs;
    if (packageType !== "Zip" || !isArchive(code)) {
      throw new UserError(`${describe(resource)}: only code in an AssetArchive can run locally`);
    }
    if (!String(runtime).startsWith("nodejs") || typeof handler !== "string") {
      throw new UserError(`${describe(resource)}: only functions with a nodejs runtime can run locally`);
    }
    const files = await archiveFiles(code);
    const stray = [...files.keys()].find(leavesArchive);
    if (stray !== undefined) {
      throw new UserError(`${describe(resource)}: the file name "${stray}" leaves the archive`);
    }
    return new LambdaFunction(options, await makeTaskFolder(files));
  }

  /**
   * Starts one environment before the first event, so that code that cannot even be loaded is told of at once.
   *
   * @throws UserError with the code's own words
   */
  async warmUp(): Promise<void> {
    const environment = await this.#start();
    if (environment instanceof ExecutionEnvironment) this.#idle.push(environment);
    else throw new UserError(`${this.name} cannot start: ${environment.errorMessage}`);
  }

  /** Runs the function once, in a warm environment if one is idle. */
  async invoke(event: unknown): Promise<InvocationResult> {
    const { metrics } = this.options;
    const dimensions = { FunctionName: this.name };
    const count = (metric: string, value = 1) => metrics.record("AWS/Lambda", metric, dimensions, value);
    if (this.#running >= this.#concurrency) {
      count("Throttles");
      return { kind: "throttled" };
    }
    this.#running += 1;
    count("ConcurrentExecutions", this.#running);
    const startedAt = Date.now();
    try {
      const result = await this.#run(JSON.stringify(event));
      if (result.kind === "failed") {
        const { errorType } = result.error;
        this.options.onFailedInvocation?.({ functionName: this.name, event, errorType });
      }
      count("Invocations");
      count("Errors", result.kind === "failed" ? 1 : 0);
      count("Duration", Date.now() - startedAt);
      return result;
    } finally {
      this.#running -= 1;
    }
  }

  killOne(): boolean {
    const [environment] = [...this.#busy].filter(({ dead }) => !dead);
    environment?.kill();
    return environment !== undefined;
  }

  /** Ends every environment, work under way included, and removes the files. */
  async stop(): Promise<void> {
    this.#stopped = true;
    const environments = [...this.#idle, ...this.#starting, ...this.#busy];
    await Promise.all(environments.map((environment) => environment.stop()));
    await removeTaskFolder(this.folder);
  }

  async #run(payload: string): Promise<InvocationResult> {
    const environment = this.#takeIdle() ?? (await this.#start());
    if (!(environment instanceof ExecutionEnvironment)) return { kind: "failed", error: environment };
    const requestId = randomUUID();
    this.#busy.add(environment);
    const result = await environment.invoke({
      requestId,
      payload,
      deadline: Date.now() + this.timeoutSeconds * 1000,
      context: {
        functionName: this.name,
        functionVersion: "$LATEST",
        invokedFunctionArn: this.arn,
        memoryLimitInMB: String(this.#memoryMegabytes()),
        logGroupName: logGroupOf(this.options.resource),
        logStreamName: logStream,
      },
    });
    this.#busy.delete(environment);
    if (result.kind === "failed") {
      const { errorType, errorMessage } = result.error;
      this.options.onLine(`${requestId} ERROR ${errorType}: ${errorMessage}`);
    }
    if (!environment.dead) this.#idle.push(environment);
    return result;
  }

  #takeIdle(): ExecutionEnvironment | undefined {
    for (let next = this.#idle.pop(); next !== undefined; next = this.#idle.pop()) {
      if (!next.dead) return next;
    }
    return undefined;
  }

  async #start() {
    const { resource, onLine } = this.options;
    const jsonLogLevel = jsonLogLevelOf(resource);
    const environment = new ExecutionEnvironment({
      start: { taskFolder: this.folder, handler: String(resource.inputs.handler), jsonLogLevel },
      variables: this.#variables(),
      memoryMegabytes: this.#memoryMegabytes(),
      onLine: (line) => {
        if (jsonLogLevel === undefined || isHandedOn(line, jsonLogLevel)) onLine(line);
      },
    });
    this.#starting.add(environment);
    const error = await environment.started();
    this.#starting.delete(environment);
    if (this.#stopped) await environment.stop();
    if (error !== undefined) onLine(`INIT ERROR ${error.errorType}: ${error.errorMessage}`);
    return error ?? environment;
  }

  #memoryMegabytes(): number {
    return Number(this.options.resource.inputs.memorySize ?? 128);
  }

  /** docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html, and nothing of this process's own. */
  #variables(): Record<string, string> {
    const { graph, resource, key, endpoint, variables } = this.options;
    const { environment } = resource.inputs as { environment?: { variables?: Record<string, string> } };
    return {
      ...environment?.variables,
      ...variables,
      AWS_REGION: graph.region,
      AWS_DEFAULT_REGION: graph.region,
      AWS_ACCESS_KEY_ID: key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: key.secretAccessKey,
      AWS_ENDPOINT_URL: endpoint,
      AWS_EXECUTION_ENV: `AWS_Lambda_${resource.inputs.runtime}`,
      AWS_LAMBDA_FUNCTION_NAME: this.name,
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(this.#memoryMegabytes()),
      AWS_LAMBDA_FUNCTION_VERSION: "$LATEST",
      AWS_LAMBDA_LOG_GROUP_NAME: logGroupOf(resource),
      AWS_LAMBDA_LOG_STREAM_NAME: logStream,
      // This machine's own AWS settings must not reach the function, nor the SDK wait for a metadata service.
      AWS_CONFIG_FILE: join(this.folder, "no-config"),
      AWS_SHARED_CREDENTIALS_FILE: join(this.folder, "no-credentials"),
      AWS_EC2_METADATA_DISABLED: "true",
      LAMBDA_TASK_ROOT: this.folder,
      _HANDLER: String(resource.inputs.handler),
      TZ: ":UTC",
    };
  }
}

function leavesArchive(name: string): boolean {
  const path = posix.normalize(name.replaceAll("\\", "/"));
  return path.startsWith("../") || path === ".." || posix.isAbsolute(path);
}

/** Name of the one log stream that a function has here. */
export const logStream = "local";

/** Undefined for the text format, which is Lambda's default. */
function jsonLogLevelOf({ inputs }: GraphResource): string | undefined {
  const { logFormat, applicationLogLevel = "INFO" } = (inputs.loggingConfig ?? {}) as {
    logFormat?: string;
    applicationLogLevel?: string;
  };
  return logFormat === "JSON" ? applicationLogLevel : undefined;
}

/** The log group that a function writes to: its own, or Lambda's default. */
export function logGroupOf({ inputs, state }: GraphResource): string {
  const { loggingConfig } = inputs as { loggingConfig?: { logGroup?: string } };
  return loggingConfig?.logGroup ?? `/aws/lambda/${state.name}`;
}
