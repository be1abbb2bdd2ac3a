import { readFile } from "node:fs/promises";
import { sendRequest, UserError } from "local-aws";
import { providers } from "../providers/support/known.js";
import { SecretError } from "../runtime/signatures/scheme.js";
import { makeSample } from "../samples/sample.js";
import { SampleError } from "../samples/sample-error.js";
import { type RunningPipeline, type RunningSource, runningPipelines } from "./running.js";

export interface SendOptions {
  readonly source: string;
  /** Port of the gateway that `npm start` has printed. */
  readonly port: number;
  /** The event's type; absent: the sample's. */
  readonly eventType?: string | undefined;
  /** A file that is sent instead of the sample's body. */
  readonly bodyFile?: string | undefined;
}

/** What the front door answered. */
export interface SendResult {
  readonly source: string;
  readonly url: string;
  readonly status: number;
  /** Its own id of the request, which the history and the log have too. */
  readonly id?: string;
  /** Its words, if it did not take the webhook. */
  readonly message?: string;
}

/**
 * Sends a new, signed webhook to a source of a pipeline that `npm start` runs.
 *
 * @throws UserError if there is no such pipeline or source, or the source cannot get such a webhook
 */
export async function send({ source: name, port, eventType, bodyFile }: SendOptions): Promise<SendResult> {
  const { definition, provider, endpoint, headers, keys } = sourceOf(pipelineAt(port), name);
  const body = bodyFile === undefined ? undefined : await readBody(bodyFile);
  if (keys === undefined) {
    throw new UserError(
      `source "${name}" has its public key in the settings, and only the provider can sign for it: use its own test events`,
    );
  }
  const sample = await makeSample({
    source: definition,
    provider: provider === undefined ? undefined : providers[provider],
    url: endpoint,
    keys,
    body,
    eventType,
    now: Date.now(),
  }).catch((error: unknown) => {
    if (error instanceof SampleError || error instanceof SecretError) {
      throw new UserError(`source "${name}": ${error.message}`);
    }
    throw error;
  });
  const answer = await sendRequest(sample.url, {
    headers: [...sample.headers, ...Object.entries(headers)].flat(),
    body: sample.body,
  }).catch((error: NodeJS.ErrnoException) => {
    throw new UserError(`nothing answers on port ${port} (${error.code ?? error.message}): run npm start`);
  });
  return { source: name, url: endpoint, status: answer.status, ...wordsOf(answer.body) };
}

function pipelineAt(port: number): RunningPipeline {
  const running = runningPipelines();
  const found = running.find((pipeline) => pipeline.port === port);
  if (found !== undefined) return found;
  const others = running.map(({ stack, port: other }) => `stage ${stack} on port ${other}`);
  throw new UserError(
    others.length === 0
      ? "no pipeline is running: run npm start first, in another terminal"
      : `no pipeline is running on port ${port}: add --port for ${others.join(" or ")}`,
  );
}

function sourceOf({ sources, stack }: RunningPipeline, name: string): RunningSource {
  const found = sources.find(({ definition }) => definition.name === name);
  if (found !== undefined) return found;
  const names = sources.map(({ definition }) => definition.name).join(", ");
  throw new UserError(`stage ${stack} has no source "${name}" (its sources: ${names})`);
}

async function readBody(file: string): Promise<Buffer> {
  try {
    return await readFile(file);
  } catch (error) {
    throw new UserError(`--body ${file} cannot be read: ${(error as NodeJS.ErrnoException).code}`);
  }
}

function wordsOf(body: string): Pick<SendResult, "id" | "message"> {
  try {
    const { id, message } = JSON.parse(body) as { id?: string; message?: string };
    return { ...(id === undefined ? {} : { id }), ...(message === undefined ? {} : { message }) };
  } catch {
    return { message: body };
  }
}
