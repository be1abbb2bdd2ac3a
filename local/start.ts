import { curlLine } from "./curl-line.js";
import { type LocalPipeline, startPipeline } from "./pipeline.js";
import { stageSources } from "./sources.js";
import { onStopSignal } from "./stop-signal.js";
import { type Started, type StartedSource, terminal } from "./terminal.js";

export interface StartOptions {
  readonly stack: string;
  readonly stageFile: string | undefined;
  readonly port: number;
  /** Lines for people, or a JSON object a line for machines. */
  readonly format: "text" | "json";
  /** Shows text to whoever started it, on lines of its own. */
  readonly print: (text: string) => void;
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
    try {
      show.started(started(pipeline, options));
      await stopped;
      show.stopping();
      return 0;
    } finally {
      await pipeline.stop();
    }
  } finally {
    stopListening();
  }
}

function started({ url, endpoints, secrets, aws, graph }: LocalPipeline, options: StartOptions): Started {
  return {
    stack: options.stack,
    url,
    sources: stageSources(options).map(({ name, definition }): StartedSource => {
      const endpoint = endpoints[name] ?? "";
      const secret = secrets.values[name];
      const command = curlLine(definition, endpoint, secret ?? "");
      return {
        name,
        endpoint,
        ...(secret === undefined ? {} : { secret }),
        ...(command === undefined ? {} : { command }),
      };
    }),
    retries: graph.outputs.retries as Record<string, string>,
    environment: {
      AWS_ENDPOINT_URL: aws.endpoint,
      AWS_REGION: aws.region,
      AWS_ACCESS_KEY_ID: aws.key.accessKeyId,
      AWS_SECRET_ACCESS_KEY: aws.key.secretAccessKey,
    },
  };
}
