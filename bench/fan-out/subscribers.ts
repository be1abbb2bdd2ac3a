import { fullName } from "../../runtime/stage/definition.js";

/** The source whose webhooks all subscribers get. */
export const source = "load";

export interface LoadSubscriber {
  readonly name: string;
  /** As in a stage file. `origin` is that of the HTTP endpoints. */
  target(origin: string): object;
  readonly queue: "shared" | "dedicated";
  /** `down`: answers 503 to everything. */
  readonly behaviour: "healthy" | "slow" | "crashing" | "down";
  /** The AWS resource that its webhooks reach. Absent: a handler or an HTTP endpoint. */
  readonly arn?: string;
  /** How long the target knows a repetition by its id, so that it has none even where a function died. Absent: it does not. */
  readonly knowsRepetitionsSeconds?: number;
}

/** How long an endpoint or a function may take. It is long, because many functions share this machine's processors. */
const targetSeconds = 8;

/** Waits for what the function returns. */
const answers = { invocation: "request-response", timeoutSeconds: targetSeconds };

/**
 * On a long queue a webhook whose function died may come again later than that.
 * docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/using-messagededuplicationid-property.html
 */
const fifoSeconds = 300;

const elsewhere = (service: string, resource: string) =>
  `arn:aws:${service}:eu-west-1:210987654321:${resource}`;

/** Of each kind one with a queue of its own. The others share a queue, which keeps the number of processes down. */
export const subscribers: readonly LoadSubscriber[] = [
  { ...http("down"), behaviour: "down" },
  { ...handler("slow"), behaviour: "slow" },
  { ...handler("crashing"), behaviour: "crashing" },
  handler("handler-1"),
  shared(handler("handler-2")),
  shared(handler("handler-3")),
  http("http-1"),
  shared(http("http-2")),
  shared(http("http-3")),
  aws("bus-1", "eventBus", elsewhere("events", "event-bus/load-1")),
  shared(aws("bus-2", "eventBus", elsewhere("events", "event-bus/load-2"))),
  aws("queue-1", "queue", elsewhere("sqs", "load-1")),
  shared(aws("queue-2", "queue", elsewhere("sqs", "load-2"))),
  { ...aws("fifo-1", "queue", elsewhere("sqs", "load-1.fifo")), knowsRepetitionsSeconds: fifoSeconds },
  shared({
    ...aws("fifo-2", "queue", elsewhere("sqs", "load-2.fifo")),
    knowsRepetitionsSeconds: fifoSeconds,
  }),
  aws("topic-1", "topic", elsewhere("sns", "load-1")),
  shared(aws("topic-2", "topic", elsewhere("sns", "load-2"))),
  aws("event-1", "function", elsewhere("lambda", "function:load-1")),
  aws("answer-1", "function", elsewhere("lambda", "function:load-2"), answers),
  shared(aws("answer-2", "function", elsewhere("lambda", "function:load-3"), answers)),
  {
    ...aws("workflow-1", "stateMachine", elsewhere("states", "stateMachine:load-1")),
    // For 90 days: docs.aws.amazon.com/step-functions/latest/apireference/API_StartExecution.html
    knowsRepetitionsSeconds: Number.POSITIVE_INFINITY,
  },
  aws("stream-1", "stream", elsewhere("kinesis", "stream/load-1")),
  shared(aws("stream-2", "stream", elsewhere("kinesis", "stream/load-2"))),
  aws("lake-1", "firehose", elsewhere("firehose", "deliverystream/load-1")),
  shared(aws("lake-2", "firehose", elsewhere("firehose", "deliverystream/load-2"))),
];

/** Webhooks are tried so often before they go to the dead-letter queue. */
const maxReceiveCount = 8;

/** Settings of the stage, by their full keys. */
export function stageSettings(origin: string, timeoutSeconds: number): Record<string, unknown> {
  return {
    "aws:region": "eu-west-1",
    "webhook-pipeline:protect": false,
    "webhook-pipeline:queue": { maxReceiveCount },
    "webhook-pipeline:processor": {
      timeoutSeconds,
      memoryMegabytes: 128,
      maxConcurrency: 2,
      backoff: { baseSeconds: 1, maxSeconds: 2 },
      // A machine that is too busy for a while must not keep webhooks waiting afterwards.
      breaker: { longestSeconds: 10 },
      logLevel: "WARN",
      handlersFolder: "bench/fan-out/handlers",
    },
    "webhook-pipeline:sources": [
      {
        name: source,
        signature: { scheme: "none" },
        eventId: ["json:id"],
        eventType: "json:type",
        subscribers: subscribers.map(({ name, target, queue, behaviour }) => ({
          name,
          target: target(origin),
          queue,
          // It would wait for as long as its queue keeps webhooks, and this is to end in its dead-letter queue.
          ...(behaviour === "down" ? { breaker: false } : {}),
        })),
      },
    ],
  };
}

function handler(name: string): LoadSubscriber {
  const file = name.startsWith("handler-") ? "healthy" : name;
  return { name, target: () => ({ handler: file }), queue: "dedicated", behaviour: "healthy" };
}

function http(name: string): LoadSubscriber {
  const target = (origin: string) => ({
    forward: { url: `${origin}/${name}`, timeoutSeconds: targetSeconds, allowPrivateNetwork: true },
  });
  return { name, target, queue: "dedicated", behaviour: "healthy" };
}

function aws(name: string, kind: string, arn: string, options: object = {}): LoadSubscriber {
  const target = () => ({ [kind]: { arn, ...options } });
  return { name, target, queue: "dedicated", behaviour: "healthy", arn };
}

function shared(subscriber: LoadSubscriber): LoadSubscriber {
  return { ...subscriber, queue: "shared" };
}

/** What the history calls a subscriber's part of a webhook. */
export function webhookId(subscriber: string, event: string): string {
  return `${fullName(source, subscriber)}/${event}`;
}
