/** Whether an alarm wakes somebody (`page`), or waits until somebody looks (`notify`). */
export type Severity = "page" | "notify";

/** What is known of an alarm before it watches anything: what it means, whom it tells, and how it is evaluated. */
export interface KindOfAlarm {
  readonly severity: Severity;
  /**
   * Whether it also tells that it is over. An alarm on a state does: somebody waits for its end. One on an event does not: its
   * end says only that some minutes have passed.
   */
  readonly tellsEnd: boolean;
  /** What it means, in the alarm's description. */
  readonly meaning: string;
  /** The first command of `npm run ops --`, without the stack. */
  readonly firstCommand: "status" | "list" | "secret list";
  readonly periodSeconds: number;
  /** Periods that must breach, of the last `evaluationPeriods`. */
  readonly datapointsToAlarm: number;
  readonly evaluationPeriods: number;
  readonly missingData: "notBreaching" | "breaching";
  /** Why this statistic, period, number of periods and missing data. */
  readonly why: string;
}

const minute = 60;

/** Added to alarms that a pause sets off. */
const mayBePaused =
  "If somebody paused the lane, status says who and since when: webhooks wait, and none is lost.";

/**
 * Every kind of alarm, the most urgent first. The key is the end of the alarm's name, and the name of its section in
 * the runbook.
 *
 * Metrics that are only there when something happens, such as failures, have no data in quiet times, so that missing data is no
 * breach. Only an alarm on silence takes it for one.
 */
export const alarmKinds = {
  "webhooks-at-risk": {
    severity: "page",
    tellsEnd: true,
    meaning:
      "Webhooks are lost, stuck or given up: at least one of the alarms dead-letters, stalled and api-server-error-rate is on.",
    firstCommand: "status",
    periodSeconds: minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "A composite takes over the states of its alarms, each of which has had its own periods.",
  },
  "dead-letters": {
    severity: "page",
    tellsEnd: true,
    meaning:
      "Webhooks failed all their deliveries and wait in the dead-letter queue, where SQS deletes them after 14 days. " +
      "Find the cause in the history, fix it, then redrive the queue: npm run ops -- redrive.",
    firstCommand: "status",
    periodSeconds: minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "A gauge, so its maximum. It stays up until somebody acts, so one minute is enough. An unused queue has no data.",
  },
  stalled: {
    severity: "page",
    tellsEnd: true,
    meaning: `Webhooks wait, and for a quarter of an hour none left the queue: the function does not run, or fails for all. ${mayBePaused}`,
    firstCommand: "status",
    periodSeconds: 15 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "The age alone rises while failing webhooks are tried again, so it counts only if nothing was deleted either. The longest run of a function takes 15 minutes.",
  },
  "api-server-error-rate": {
    severity: "page",
    tellsEnd: true,
    meaning:
      "Many webhooks cannot be queued, and their senders get 5xx. Webhooks of senders that do not retry are lost.",
    firstCommand: "status",
    periodSeconds: minute,
    datapointsToAlarm: 3,
    evaluationPeriods: 3,
    missingData: "notBreaching",
    why: "The average of 0 and 1 is the rate. Three minutes outlast the hiccup of a single minute; without requests there is no data.",
  },
  "silent-source": {
    severity: "page",
    tellsEnd: true,
    meaning:
      "No genuine webhook of this source arrived within the time that its setting expectEveryMinutes names: the sender has " +
      `stopped, posts to another address, or signs with another secret. ${mayBePaused}`,
    firstCommand: "list",
    periodSeconds: 15 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "breaching",
    why: "One period as long as the setting says. A source that never sent has no data, which is what this is about.",
  },
  canary: {
    severity: "page",
    tellsEnd: true,
    meaning:
      "The pipeline's own test webhook did not get through, from the public address to the history: a fault of DNS, domain, " +
      "gateway, queue, function, secret or table that no other alarm need show.",
    firstCommand: "status",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 3,
    evaluationPeriods: 3,
    missingData: "breaching",
    why: "Three webhooks in a row, since a single one may be late or lost on its way. No data is the very fault.",
  },
  "oldest-message": {
    severity: "notify",
    tellsEnd: true,
    meaning: `A webhook has been waiting in the queue for too long: the function is down, too slow, or keeps failing. ${mayBePaused}`,
    firstCommand: "status",
    periodSeconds: minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "A gauge, so its maximum. The age has its own patience, above the longest planned retry, so one minute is enough.",
  },
  "function-errors": {
    severity: "notify",
    tellsEnd: false,
    meaning: "The function crashed or timed out. Its whole batch will be delivered again.",
    firstCommand: "status",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "A webhook that fails is no error of the function, so each error is a surprise. A counter, so its sum.",
  },
  "function-throttles": {
    severity: "notify",
    tellsEnd: false,
    meaning: "Lambda throttled the function. Each refusal counts as a delivery of its webhooks.",
    firstCommand: "status",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "The mapping's own limit keeps below what is throttled, so each refusal is a surprise. A counter, so its sum.",
  },
  "function-duration": {
    severity: "notify",
    tellsEnd: true,
    meaning:
      "The slowest batches take nearly all of the function's time. Beyond it their webhooks are delivered again: make " +
      "handlers faster, or raise processor.timeoutSeconds.",
    firstCommand: "status",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 2,
    evaluationPeriods: 3,
    missingData: "notBreaching",
    why: "p99, as the maximum would tell of each cold start. Two of three periods, as one slow answer of a target is usual.",
  },
  "function-concurrency": {
    severity: "notify",
    tellsEnd: true,
    meaning:
      "As many functions run as processor.maxConcurrency allows, and have done so for ten minutes. Webhooks wait for a free one: " +
      "see whether handlers are slow, or raise the limit.",
    firstCommand: "status",
    periodSeconds: minute,
    datapointsToAlarm: 10,
    evaluationPeriods: 10,
    missingData: "notBreaching",
    why: "A gauge, so its maximum. A burst reaches the limit as planned; ten minutes at it are a lack.",
  },
  "in-flight": {
    severity: "notify",
    tellsEnd: true,
    meaning:
      "Nearly as many webhooks are being handled, or wait for their next try, as SQS hands out. At 120,000 it hands out no " +
      "more, and new webhooks wait behind the failing ones.",
    firstCommand: "status",
    periodSeconds: minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "A gauge, so its maximum. It falls slowly, so one minute is enough.",
  },
  "history-throttled": {
    severity: "notify",
    tellsEnd: true,
    meaning:
      "DynamoDB refuses reads or writes of the history for lack of capacity. Webhooks fail and are tried again; a throttled index " +
      "holds up the table.",
    firstCommand: "status",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 2,
    evaluationPeriods: 3,
    missingData: "notBreaching",
    why: "The SDK tries again, so single refusals do no harm. FILL, because CloudWatch ignores missing data of DynamoDB, and the alarm would never end.",
  },
  "api-server-errors": {
    severity: "notify",
    tellsEnd: false,
    meaning:
      "Webhooks could not be queued, and their senders got 5xx. Webhooks of senders that do not retry are lost.",
    firstCommand: "status",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "Each may be a lost webhook, so the first counts. A counter, so its sum.",
  },
  "api-client-errors": {
    severity: "notify",
    tellsEnd: false,
    meaning:
      "Requests were refused with 4xx: an unknown path, a content type that is not accepted, or throttling (429). " +
      "The access log says which.",
    firstCommand: "status",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "A rate, as busy stages always meet scanners; with a least number, as one of two requests is no rate.",
  },
  "failed-attempts": {
    severity: "notify",
    tellsEnd: false,
    meaning:
      "Handlers keep failing. Their webhooks are delivered again and then move to the dead-letter queue.",
    firstCommand: "status",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "A rate of all deliveries, since single failures are tried again; with a least number, as one of two is no rate.",
  },
  "target-left-alone": {
    severity: "notify",
    tellsEnd: true,
    meaning:
      "A target fails for everybody and is left alone. Its webhooks wait in the queue without using up their deliveries. The " +
      'function\'s log names it in the lines "target left alone". Mend it: it is tried again by itself, and all webhooks follow.',
    firstCommand: "status",
    periodSeconds: 20 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "While the target is down, each probe that fails counts, and there is less time than this between two of them.",
  },
  "rejected-webhooks": {
    severity: "notify",
    tellsEnd: false,
    meaning:
      "Webhooks arrive with signatures that do not fit: they are forged, or a secret was changed on one side only. " +
      "The history keeps them, and they can be replayed once the secret is right.",
    firstCommand: "secret list",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "A rate of all webhooks that ended, so that noise does not grow with traffic; with a least number, as one of two is no rate.",
  },
  "invalid-webhooks": {
    severity: "notify",
    tellsEnd: false,
    meaning:
      "Genuine webhooks do not have the form that the schema or the handler asks for: the sender has changed something, or the " +
      "schema is wrong. The history keeps them, and they can be replayed after a fix.",
    firstCommand: "list",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "A signature proves the sender, so the first is already a change on one side. A counter, so its sum.",
  },
  "unreadable-messages": {
    severity: "notify",
    tellsEnd: false,
    meaning:
      "Messages in the queue are not in the form that the gateway writes: a fault of this pipeline or a change of AWS. " +
      "The history keeps them with the status unreadable, and they can be sent again after the fix.",
    firstCommand: "list",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "No sender can cause one on a REST API, so the first is a fault. A counter, so its sum.",
  },
  "untried-webhooks": {
    severity: "notify",
    tellsEnd: false,
    meaning:
      "Webhooks return to the queue without a try: the function runs out of time or crashes, or they are behind one that fails in " +
      "their group. SQS counts each as a delivery, and may move them to the dead-letter queue.",
    firstCommand: "status",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 2,
    evaluationPeriods: 3,
    missingData: "notBreaching",
    why: "A few are usual beside a crash or a failing group. Two of three periods show that it goes on. A counter, so its sum.",
  },
  "alarms-undelivered": {
    severity: "notify",
    tellsEnd: false,
    meaning:
      "SNS could not deliver a notification of an alarm: an endpoint is down or refuses it. Others on the topic got it. Look " +
      "for the subscription in the SNS console.",
    firstCommand: "status",
    periodSeconds: 5 * minute,
    datapointsToAlarm: 1,
    evaluationPeriods: 1,
    missingData: "notBreaching",
    why: "SNS counts only after its own retries, so the first is a lost notification. A counter, so its sum.",
  },
} as const satisfies Readonly<Record<string, KindOfAlarm>>;

/** The key of a kind of alarm. */
export type AlarmKind = keyof typeof alarmKinds;

/** The kinds of which `webhooks-at-risk` is made. */
export const kindsAtRisk: readonly AlarmKind[] = ["dead-letters", "stalled", "api-server-error-rate"];

/** Where alarms lead, unless `alarms.runbookUrl` names another place. */
export const ownRunbook = "docs/runbook.md";

/** The section of the runbook about a kind of alarm: a URL, or a path in this repository. */
export function runbookSection(kind: AlarmKind, runbookUrl: string = ownRunbook): string {
  return runbookUrl.includes("#") ? runbookUrl : `${runbookUrl}#${kind}`;
}

/** What an alarm says to whom it tells: what it means, what to do first, and where to read on. */
export function descriptionOf(
  kind: AlarmKind,
  { stack, runbookUrl }: { readonly stack: string; readonly runbookUrl?: string | undefined },
): string {
  const { severity, meaning, firstCommand } = alarmKinds[kind];
  return `${meaning} First: npm run ops -- ${firstCommand} --stack ${stack}. Severity: ${severity}. Runbook: ${runbookSection(kind, runbookUrl)}`;
}
