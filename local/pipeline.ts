import { randomBytes, randomUUID } from "node:crypto";
import {
  type BusEvent,
  type Cloud,
  type LocalAws,
  type LogLine,
  type QueuedMessage,
  type RunningApi,
  type StateChange,
  startLocalAws,
  UserError,
} from "local-aws";
import type { HistoryItem } from "../runtime/history/item.js";
import type { StoredWebhook } from "../runtime/payload/storable.js";
import { createRequestKeys } from "../runtime/signatures/fetch-keys.js";
import type { RequestKeys } from "../runtime/signatures/signing-keys.js";
import { forwardSecretName } from "../runtime/stage/definition.js";
import { environmentVariables } from "../runtime/stage/environment.js";
import { makeSenderKeys, type SenderKeys } from "../samples/sender-keys.js";
import { compileBusPattern } from "./bus-pattern.js";
import { localEndpoints } from "./endpoints.js";
import { payloadOf, scanHistory } from "./history.js";
import { namingStageFile } from "./program.js";
import { programFolder } from "./program-folder.js";
import { type SigningKeysEndpoint, startSigningKeysEndpoint } from "./signing-keys-endpoint.js";
import { stageSources } from "./sources.js";

export interface PipelineOptions {
  readonly stack: string;
  /** Another file instead of `Pulumi.<stack>.yaml`. */
  readonly stageFile?: string | undefined;
  /** Changes settings before the program reads them, by full key, with values as in the stage file. */
  readonly overrides?: Readonly<Record<string, unknown>>;
  /** Port of the gateway. Default: a free port. */
  readonly port?: number;
  /** Asks for the keys that senders publish. Default: over the internet. */
  readonly requestKeys?: RequestKeys;
  /** Called with each line that a function or the gateway's access log writes. */
  readonly onLog?: (line: LogLine) => void;
  /** Called with each problem that AWS would say nothing about. */
  readonly onProblem?: (problem: string) => void;
  /** Called when an alarm changes its state. */
  readonly onAlarm?: (alarm: string, change: StateChange) => void;
}

/** The whole pipeline, running on this machine: its AWS resources, and what only a webhook pipeline has. */
export interface LocalPipeline extends Omit<LocalAws, "apis" | "cloud"> {
  /** Origin of the gateway: `http://127.0.0.1:<port>`. */
  readonly url: string;
  /** The URL of each source on this machine. */
  readonly endpoints: Readonly<Record<string, string>>;
  readonly secrets: LocalSecrets;
  /** What the sender of each source signs with, generated at the start. A source is missing whose settings have its key. */
  readonly senderKeys: Readonly<Record<string, SenderKeys>>;
  /** Everything in the history table. */
  history(): Promise<HistoryItem[]>;
  /** The webhook that an item keeps, read from the overflow bucket if it is there. Undefined if the item keeps none. */
  payloadOf(item: HistoryItem): Promise<StoredWebhook | undefined>;
  readonly queues: LocalQueues;
  /** What event buses have taken, oldest first. */
  busEvents(): readonly BusEvent[];
}

export interface LocalSecrets {
  /** The value of each source's secret, generated at the start. */
  readonly values: Readonly<Record<string, string>>;
  set(source: string, value: string): void;
}

export interface LocalQueues {
  counts(): Readonly<Record<string, QueueCounts>>;
  /** The messages of every dead-letter queue, without receiving them. */
  deadLetters(): readonly QueuedMessage[];
  /** The messages of any queue, by its name, without receiving them. */
  peek(name: string): readonly QueuedMessage[];
}

export interface QueueCounts {
  readonly visible: number;
  readonly notVisible: number;
  readonly delayed: number;
  readonly ageOfOldestSeconds: number;
}

/**
 * Starts the pipeline of a stage on this machine, from the resources that the program registers.
 *
 * @throws UserError for a stage or a program that cannot run here. Its one line says how to fix it
 */
export async function startPipeline(options: PipelineOptions): Promise<LocalPipeline> {
  const values: Record<string, string> = {};
  const senderKeys: Record<string, SenderKeys> = {};
  const { requestKeys = createRequestKeys(), ...program } = options;
  const keysEndpoint = await startSigningKeysEndpoint(requestKeys);
  try {
    const { apis, cloud, stop, ...running } = await namingStageFile(program, () =>
      startLocalAws({
        ...program,
        program: programFolder,
        compileEventPattern: compileBusPattern,
        variables: { [environmentVariables.signingKeysEndpoint]: keysEndpoint.origin },
        prepare: (started) => makeSenders({ cloud: started, options, keysEndpoint, values, senderKeys }),
      }),
    );
    try {
      const { url } = onlyApi(apis);
      const { graph } = running;
      return {
        ...running,
        url,
        endpoints: localEndpoints(graph, url),
        secrets: { values, set: (source, value) => setSecret(cloud, values, source, value) },
        senderKeys,
        history: () => scanHistory(cloud, graph.outputs.historyTable),
        payloadOf: (item) => payloadOf(cloud, item),
        queues: localQueues(cloud),
        busEvents: () => cloud.eventBridge.received.records.map(({ content }) => content),
        stop: () => stop().finally(() => keysEndpoint.close()),
      };
    } catch (error) {
      await stop();
      throw error;
    }
  } catch (error) {
    await keysEndpoint.close();
    throw error;
  }
}

/** The API that webhooks come in by. */
function onlyApi(apis: readonly RunningApi[]): RunningApi {
  const [api, other] = apis;
  if (api === undefined) throw new UserError("the program registers no API: there is nothing to post to");
  if (other !== undefined) {
    throw new UserError(`a webhook pipeline has one API, and there is ${other.name} beside ${api.name}`);
  }
  return api;
}

/** Makes a sender for each source, and stores what the source checks with. */
function makeSenders({
  cloud,
  options,
  keysEndpoint,
  values,
  senderKeys,
}: {
  readonly cloud: Cloud;
  readonly options: PipelineOptions;
  readonly keysEndpoint: SigningKeysEndpoint;
  readonly values: Record<string, string>;
  readonly senderKeys: Record<string, SenderKeys>;
}): void {
  for (const { name, definition } of stageSources(options)) {
    const { signature, forward } = definition;
    const made = makeSenderKeys(signature);
    if (made !== undefined) {
      const { published, ...keys } = made;
      senderKeys[name] = keys;
      if (keys.secret !== undefined) setSecret(cloud, values, name, keys.secret);
      if (published !== undefined && signature.kind === "jwt" && signature.keys !== undefined) {
        keysEndpoint.publish(signature.keys.url, published);
      }
    }
    if (forward?.signing !== undefined) {
      setSecret(cloud, values, forwardSecretName(name), randomBytes(32).toString("base64"));
    }
  }
}

function setSecret(cloud: Cloud, values: Record<string, string>, source: string, value: string): void {
  const names = secretNames(cloud);
  const SecretId = names[source];
  if (SecretId === undefined) {
    throw new UserError(
      `source "${source}" has no secret; the sources with one are ${Object.keys(names).join(", ")}`,
    );
  }
  cloud.secrets.handle("PutSecretValue", {
    SecretId,
    SecretString: value,
    ClientRequestToken: randomUUID(),
  });
  values[source] = value;
}

function secretNames({ graph }: Cloud): Record<string, string> {
  return (graph.outputs.secretNames ?? {}) as Record<string, string>;
}

function localQueues({ sqs, graph }: Cloud): LocalQueues {
  const peek = (url: string) => {
    const queue = sqs.queueByUrl(url);
    if (queue !== undefined) return queue.peek();
    throw new UserError(`there is no queue "${url}"`);
  };
  return {
    counts: () => Object.fromEntries(sqs.queues().map((queue) => [queue.settings.name, queue.counts()])),
    deadLetters: () =>
      Object.values((graph.outputs.deadLetterQueueUrls ?? {}) as Record<string, string>).flatMap(peek),
    peek,
  };
}
