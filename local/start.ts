import { BlockList, isIPv6 } from "node:net";
import { type Graph, resourcesOfType } from "local-aws";
import type { RequestKeys } from "../runtime/signatures/signing-keys.js";
import type { SourceSettings } from "../settings/sources.js";
import { curlLine } from "./curl-line.js";
import { defaultPort } from "./default-port.js";
import { type LocalPipeline, startPipeline } from "./pipeline.js";
import { type RunningPipeline, type RunningSource, rememberRunning } from "./running.js";
import { stageSources } from "./sources.js";
import { onStopSignal } from "./stop-signal.js";
import { type Started, type StartedSource, terminal } from "./terminal.js";

export interface StartOptions {
  readonly stack: string;
  readonly stageFile: string | undefined;
  readonly port: number;
  /** Asks for the keys that senders publish. Default: over the internet. */
  readonly requestKeys?: RequestKeys;
  /**
   * Serves the page that shows the pipeline's webhooks.
   *
   * @default there is none
   */
  readonly inspect?: ServeInspector;
  /** Lines for people, or a JSON object a line for machines. */
  readonly format: "text" | "json";
  /** Shows text to whoever started it, on lines of its own. */
  readonly print: (text: string) => void;
}

/** Serves the page that shows what goes on in a pipeline. */
export type ServeInspector = (running: RunningPipeline, pipeline: LocalPipeline) => Promise<RunningInspector>;

export interface RunningInspector {
  /** The page's address. Who has it may do what the page can. */
  readonly address: string;
  close(): Promise<void>;
}

/** Runs a stage's pipeline on this machine until it is stopped. */
export async function start(options: StartOptions): Promise<number> {
  const show = terminal(options.print, options.format);
  let stopListening = () => {};
  const stopped = new Promise<unknown>((resolve) => {
    stopListening = onStopSignal(resolve);
  });
  try {
    const pipeline = await startPipeline({
      ...options,
      onLog: show.log,
      onProblem: show.problem,
      onAlarm: show.alarm,
    });
    const introduced = introduce(pipeline, options);
    let forget = () => {};
    let inspector: RunningInspector | undefined;
    try {
      const running = runningPipeline(introduced, pipeline, options);
      forget = remember(running, show.problem);
      inspector = await options.inspect?.(running, pipeline);
      show.started({
        ...started(introduced, pipeline, options),
        ...(inspector === undefined ? {} : { inspector: inspector.address }),
      });
      await stopped;
      show.stopping();
      return 0;
    } finally {
      forget();
      await inspector?.close();
      await pipeline.stop();
    }
  } finally {
    stopListening();
  }
}

/** A source with all that a sender of its webhooks has to know. */
interface Introduced {
  readonly settings: SourceSettings;
  readonly running: RunningSource;
}

function introduce({ graph, endpoints, senderKeys }: LocalPipeline, options: StartOptions): Introduced[] {
  return stageSources(options).map((settings) => {
    const { definition, name, provider } = settings;
    const keys = senderKeys[name];
    const apiKey = settings.ingest.apiKey === true ? apiKeyOf(graph, name) : undefined;
    return {
      settings,
      running: {
        definition,
        ...(provider === undefined ? {} : { provider }),
        endpoint: endpoints[name] ?? "",
        headers: apiKey === undefined ? {} : { "x-api-key": apiKey },
        ...(keys === undefined ? {} : { keys }),
      },
    };
  });
}

function runningPipeline(
  introduced: readonly Introduced[],
  { url, aws, graph }: LocalPipeline,
  { stack }: StartOptions,
): RunningPipeline {
  return {
    pid: process.pid,
    stack,
    port: Number(new URL(url).port),
    sources: introduced.map(({ running }) => running),
    aws: { endpoint: aws.endpoint, region: aws.region, ...aws.key },
    outputs: graph.outputs,
  };
}

/** Lets `npm run send` and `npm run ops` find the pipeline. Without it, all else still works. */
function remember(running: RunningPipeline, onProblem: (problem: string) => void): () => void {
  try {
    return rememberRunning(running);
  } catch (error) {
    onProblem(`npm run send and npm run ops cannot find this pipeline: ${(error as Error).message}`);
    return () => {};
  }
}

function started(
  introduced: readonly Introduced[],
  { url, secrets, aws, graph }: LocalPipeline,
  { stack }: StartOptions,
): Started {
  return {
    stack,
    url,
    sources: introduced.map(({ settings, running }): StartedSource => {
      const { name } = settings;
      const secret = secrets.values[name];
      return {
        name,
        endpoint: running.endpoint,
        ...(secret === undefined ? {} : { secret }),
        ...wayToTry(settings, running, Number(new URL(url).port)),
      };
    }),
    retries: graph.outputs.retries as Record<string, string>,
    environment: {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: aws.region,
      AWS_DEFAULT_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.key.secretAccessKey,
    },
  };
}

/** A command that the source takes a webhook from, or why there is none. */
function wayToTry(
  { name, ingest: { allowedCidrs } }: SourceSettings,
  { definition, endpoint, headers, keys }: RunningSource,
  port: number,
): Pick<StartedSource, "command" | "noCommand"> {
  if (allowedCidrs !== undefined && !allowsThisMachine(allowedCidrs)) {
    return {
      noCommand: `from an address in its allowedCidrs (${allowedCidrs.join(", ")}), which this machine is not`,
    };
  }
  if (keys === undefined) {
    return {
      noCommand: "with the provider's own test events: only it can sign for the public key in the settings",
    };
  }
  const line = curlLine({ source: definition, url: endpoint, secret: keys.secret ?? "", headers });
  return {
    command: line ?? `npm run send -- ${name}${port === defaultPort ? "" : ` --stack local:${port}`}`,
  };
}

/** Whether requests over loopback come from one of these address ranges. */
function allowsThisMachine(cidrs: readonly string[]): boolean {
  const list = new BlockList();
  for (const cidr of cidrs) {
    const [address = "", prefix] = cidr.split("/");
    const family = isIPv6(address) ? "ipv6" : "ipv4";
    list.addSubnet(address, Number(prefix ?? (family === "ipv6" ? 128 : 32)), family);
  }
  return list.check("127.0.0.1");
}

/** The key that the front door asks a source for. */
function apiKeyOf(graph: Graph, source: string): string | undefined {
  const key = resourcesOfType(graph, "aws:apigateway/apiKey:ApiKey").find(
    ({ inputs }) => inputs.description === `Sent by ${source} as x-api-key`,
  );
  return key === undefined ? undefined : String(key.state.value);
}
