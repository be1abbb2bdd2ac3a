import type { LoadResult, SubscriberResult } from "./run-load.js";

/** A promise, and whether a run kept it. */
export interface Promised {
  readonly promise: string;
  readonly kept: boolean;
  /** What was found. */
  readonly found: string;
}

/** What a run under load must show, each promise with what it found. */
export function judge(result: LoadResult): Promised[] {
  const { webhooks, accepted, distributed, subscribers, left, killed, failedInvocations, denied } = result;
  const down = subscribers.filter(({ behaviour }) => behaviour === "down");
  const others = subscribers.filter(({ behaviour }) => behaviour !== "down");
  return [
    equal("webhooks accepted", accepted, webhooks),
    equal("webhooks handed over to all subscribers", distributed, webhooks),
    nobody("lacks a webhook", others, ({ missing }) => missing),
    nobody("has a webhook again although no try of it failed, and no call was repeated", others, (each) =>
      unexplained(each, result),
    ),
    each("webhooks that the history has as processed", others, ({ processed }) => processed, webhooks),
    each("webhooks in dead-letter queues of others", others, ({ deadLetters }) => deadLetters, 0),
    each(
      "webhooks in the dead-letter queue of the one that is down",
      down,
      (one) => one.deadLetters,
      webhooks,
    ),
    each("its webhooks that the history has as failed", down, ({ failed }) => failed, webhooks),
    {
      promise: "the alarm of its dead-letter queue is on, and nobody else's",
      kept:
        deadLetterAlarms(result).length === 1 && deadLetterAlarms(result)[0]?.includes("_to_down-") === true,
      found: deadLetterAlarms(result).join(", ") || "none",
    },
    equal("messages left in queues", left, 0),
    equal("calls that no policy allows", denied, 0),
    {
      promise: "functions were killed, and the crashing one ended by itself",
      kept: killed > 0 && failedInvocations > killed,
      found: `${killed} killed, ${failedInvocations} invocations failed`,
    },
  ];
}

/**
 * What a subscriber has again for no known reason. An SDK that repeats a call may hand a webhook over twice, and does not say
 * which.
 */
function unexplained(
  subscriber: SubscriberResult,
  { subscribers, repeatedCalls }: LoadResult,
): readonly string[] {
  const { arn, knowsRepetitionsSeconds, repeated } = subscriber;
  const service = arn?.split(":")[2];
  if (service === undefined || knowsRepetitionsSeconds !== undefined) return repeated;
  const sameService = subscribers.filter(
    (each) => each.arn?.split(":")[2] === service && each.knowsRepetitionsSeconds === undefined,
  );
  const all = sameService.reduce((sum, each) => sum + each.repeated.length, 0);
  return all <= (repeatedCalls[service] ?? 0) ? [] : repeated;
}

function deadLetterAlarms({ alarms }: LoadResult): string[] {
  return alarms.filter((name) => name.includes("dead-letters"));
}

function equal(promise: string, found: number, due: number): Promised {
  return { promise, kept: found === due, found: `${found} of ${due}` };
}

/** One promise about several subscribers. What is found names those to whom it was not kept. */
function each(
  promise: string,
  subscribers: readonly SubscriberResult[],
  figure: (subscriber: SubscriberResult) => number,
  due: number,
): Promised {
  const wrong = subscribers.filter((subscriber) => figure(subscriber) !== due);
  const found =
    wrong.length === 0
      ? `${due} at each of ${subscribers.length}`
      : wrong.map((subscriber) => `${subscriber.name}: ${figure(subscriber)} of ${due}`).join(", ");
  return { promise, kept: subscribers.length > 0 && wrong.length === 0, found };
}

function nobody(
  what: string,
  subscribers: readonly SubscriberResult[],
  events: (subscriber: SubscriberResult) => readonly string[],
): Promised {
  const wrong = subscribers.filter((subscriber) => events(subscriber).length > 0);
  const found = wrong.map((subscriber) => {
    const [first, ...more] = events(subscriber);
    return `${subscriber.name}: ${first}${more.length === 0 ? "" : ` and ${more.length} more`}`;
  });
  return { promise: `nobody ${what}`, kept: wrong.length === 0, found: found.join(", ") || "nobody" };
}
