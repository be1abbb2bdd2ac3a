import { readStageConfig } from "local-aws";
import { parseSettings, rawSettings } from "../settings/settings.js";
import { curlLine } from "./curl-line.js";
import { type LocalPipeline, startPipeline } from "./pipeline.js";
import { programFolder } from "./program.js";
import { onStopSignal } from "./stop-signal.js";

export interface StartOptions {
  readonly stack: string;
  readonly stageFile: string | undefined;
  readonly port: number;
  /** Shows text to whoever started it, on lines of its own. */
  readonly print: (text: string) => void;
}

/** Runs a stage's pipeline on this machine until it is stopped. */
export async function start(options: StartOptions): Promise<number> {
  const { print } = options;
  let stopListening = () => {};
  const stopped = new Promise<unknown>((resolve) => {
    stopListening = onStopSignal(resolve);
  });
  try {
    const pipeline = await startPipeline({
      ...options,
      onLog: ({ line }) => {
        const outcome = outcomeIn(line);
        if (outcome !== undefined) print(outcome);
      },
    });
    try {
      print(welcome(pipeline, options));
      await stopped;
      print("stopping");
      return 0;
    } finally {
      await pipeline.stop();
    }
  } finally {
    stopListening();
  }
}

function welcome(
  { url, endpoints, secrets, aws }: LocalPipeline,
  { stack, stageFile }: StartOptions,
): string {
  const { project, values } = readStageConfig(programFolder, stack, stageFile);
  const { sources } = parseSettings(rawSettings(values, project));
  return [
    `The pipeline of stage "${stack}" runs on ${url}; Ctrl-C stops it and forgets everything.`,
    "",
    ...sources.flatMap((source) => {
      const { name } = source;
      const endpoint = endpoints[name] ?? "";
      const secret = secrets.values[name] ?? "";
      return [
        `${name}`,
        `  posts to  ${endpoint}`,
        ...(secret === "" ? [] : [`  secret    ${secret}`]),
        `  try it    ${curlLine(source.definition, endpoint, secret) ?? "with the provider's own test events, because a shell cannot sign like this provider"}`,
        "",
      ];
    }),
    `The local AWS services answer on ${aws.endpoint}. To use them from a shell:`,
    `  export AWS_ENDPOINT_URL=${aws.endpoint} AWS_REGION=${aws.region} AWS_ACCESS_KEY_ID=${aws.key.accessKeyId} AWS_SECRET_ACCESS_KEY=${aws.key.secretAccessKey}`,
    "",
  ].join("\n");
}

/** What became of a webhook, in one line, if that is what a line of the function's log tells. */
function outcomeIn(line: string): string | undefined {
  if (!line.startsWith("{")) return undefined;
  const { message, webhook_id, source, reason, error, latency_ms, timestamp } = JSON.parse(line) as Record<
    string,
    unknown
  >;
  if (typeof message !== "string" || !message.startsWith("webhook ")) return undefined;
  const why = reason ?? error;
  return [
    timestamp,
    message.slice("webhook ".length),
    webhook_id ?? source ?? "",
    `${latency_ms} ms`,
    why ?? "",
  ]
    .join("  ")
    .trimEnd();
}
