import { sign } from "@octokit/webhooks-methods";
import type { Context, SQSBatchResponse, SQSRecord } from "aws-lambda";
import { providers } from "../../providers/support/known.js";
import type { MessageAgain } from "../../runtime/batch/held-message.js";
import { createBreakerStore } from "../../runtime/breaker/store.js";
import type { WebhookHandler } from "../../runtime/define-handler.js";
import type { Dependencies } from "../../runtime/dependencies.js";
import type { Envelope } from "../../runtime/envelope/envelope.js";
import { type BundledDefinition, createHandler } from "../../runtime/handler.js";
import { recallFrom } from "../../runtime/history/accepted-before.js";
import { createHistory } from "../../runtime/history/history.js";
import { unpackPayload } from "../../runtime/payload/payload.js";
import { createSecrets } from "../../runtime/signatures/secrets.js";
import type { ProcessorDefinition, SourceDefinition } from "../../runtime/stage/definition.js";
import type { OutgoingMessage } from "../../runtime/subscribers/sender.js";
import { createLog } from "../../runtime/telemetry/log.js";
import type { LocalHistoryTable } from "./dynamodb.js";
import { noSigningKeys } from "./no-signing-keys.js";
import { envelopeOf, lambdaContext, sqsEvent } from "./sqs-events.js";

export const githubSecret = "It's a Secret to Everybody";

const noSignature = { kind: "none" } as const;

/** A stage with a signed source, one that is known by its body, and one without a handler. */
export const definition: ProcessorDefinition = {
  sources: [
    { name: "github", ...known("github") },
    { name: "crm", signature: noSignature, eventId: ["json:id", "body"] },
    { name: "quiet", signature: noSignature, eventId: ["json:id"] },
  ],
  timeoutSeconds: 30,
  concurrency: 10,
  historyTtlDays: 60,
  backoff: { baseSeconds: 10, maxSeconds: 900 },
  maxReceiveCount: 10,
};

/** The function under test, with AWS replaced by a local table and by recorders. */
export interface Processor {
  /** Runs one batch. */
  run(records: readonly SQSRecord[], context?: Context): Promise<SQSBatchResponse>;
  /** Advances the clock that leases and caches go by. */
  advance(milliseconds: number): void;
  readonly secrets: Map<string, string | Error>;
  /** Seconds of invisibility by message id. */
  readonly delays: Map<string, number>;
  /** Messages that the function sent to its own queue again. */
  readonly sentAgain: readonly MessageAgain[];
  /** Ids of messages that the function deleted itself. */
  readonly deleted: readonly string[];
  /** Messages that the function put into subscribers' queues, each with its queue's URL. */
  readonly sent: readonly (OutgoingMessage & { readonly queueUrl: string })[];
  /** Raw lines of the log. */
  readonly lines: string[];
  /** Log lines about a webhook's outcome. */
  outcomes(): { message: string; [field: string]: unknown }[];
  /** Sum of a metric over all sources. */
  metric(name: string): number;
}

export function startProcessor(
  database: LocalHistoryTable,
  handlers: Record<string, WebhookHandler>,
  changes: { definition?: Partial<BundledDefinition>; dependencies?: Partial<Dependencies> } = {},
): Processor {
  let now = 1_767_225_600_000;
  const clock = () => now;
  const secrets = new Map<string, string | Error>([["webhooks/github", githubSecret]]);
  const delays = new Map<string, number>();
  const sentAgain: MessageAgain[] = [];
  const deleted: string[] = [];
  const sent: (OutgoingMessage & { readonly queueUrl: string })[] = [];
  const lines: string[] = [];
  const stage = { ...definition, ...changes.definition };

  const handler = createHandler(stage, handlers, {
    history: createHistory({
      client: database.client,
      table: database.table,
      timeoutSeconds: stage.timeoutSeconds,
      ttlDays: stage.historyTtlDays,
      clock,
    }),
    recall: recallFrom(database.client, database.table),
    secrets: createSecrets({
      names: { github: "webhooks/github" },
      clock,
      fetchSecret: async (name) => {
        const value = secrets.get(name);
        if (value instanceof Error) throw value;
        return value;
      },
      warn: createLog({ level: "DEBUG", writeLine: (line) => lines.push(line), clock }).warn,
    }),
    signingKeys: noSigningKeys,
    changeVisibility: async (receiptHandle, seconds) => {
      delays.set(receiptHandle.replace("handle of ", ""), seconds);
    },
    deleteMessages: async (receiptHandles) => {
      for (const receiptHandle of receiptHandles) deleted.push(receiptHandle.replace("handle of ", ""));
    },
    sendMessages: async (queueUrl, messages) => {
      sent.push(...messages.map((message) => ({ ...message, queueUrl })));
      return new Map();
    },
    sendAgain: async (message) => {
      sentAgain.push(message);
    },
    breakerStore: createBreakerStore(database.client, database.table, clock),
    clock,
    random: () => 0.5,
    writeLine: (line) => lines.push(line),
    logLevel: "DEBUG",
    ...changes.dependencies,
  });

  const parsed = () => lines.map((line) => JSON.parse(line) as { message: string; [field: string]: unknown });
  return {
    run: (records, context = lambdaContext()) => handler(sqsEvent(...records), context),
    advance: (milliseconds) => {
      now += milliseconds;
    },
    secrets,
    delays,
    sentAgain,
    deleted,
    sent,
    lines,
    outcomes: () => parsed().filter(({ message }) => /^webhook [a-z]+$/.test(message ?? "")),
    metric: (name) =>
      parsed().reduce((sum, line) => sum + (typeof line[name] === "number" ? Number(line[name]) : 0), 0),
  };
}

/** A webhook that GitHub signed. */
export async function githubWebhook(
  deliveryId: string,
  { body = '{"action":"opened"}', event = "issues", secret = githubSecret } = {},
): Promise<Envelope> {
  return envelopeOf({
    headers: [
      ["Content-Type", "application/json"],
      ["X-GitHub-Event", event],
      ["X-GitHub-Delivery", deliveryId],
      ["X-Hub-Signature-256", await sign(secret, body)],
    ],
    body: Buffer.from(body),
  });
}

/** A webhook of the source that signs nothing. */
export function crmWebhook(id: string, extra: object = {}): Envelope {
  return envelopeOf({ source: "crm", headers: [], body: Buffer.from(JSON.stringify({ id, ...extra })) });
}

/** What an operator's replay sends: the webhook as the history gives it back, marked. */
export async function replayOf(
  database: LocalHistoryTable,
  webhookId: string,
  replayId = "r-1",
): Promise<Envelope> {
  const item = await database.item(webhookId);
  return { ...(await unpackPayload(item?.payload ?? new Uint8Array())), replayId };
}

function known(name: string): Pick<SourceDefinition, "signature" | "eventId"> {
  const provider = providers[name];
  if (provider === undefined) throw new Error(`there is no provider ${name}`);
  return { signature: provider.signature, eventId: provider.eventId };
}
