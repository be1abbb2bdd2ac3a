import { pushNewest } from "../newest.js";
import { type Graph, resourcesOfType } from "../program/graph.js";
import type { Cloud } from "../services/cloud.js";
import { type AlarmSettings, type AlarmState, alarmSettings, evaluate } from "./alarm.js";
import { whyUnknown } from "./known-metrics.js";
import type { MetricStore } from "./metrics.js";
import { alarmNotification, type StateChange } from "./notification.js";

/** An alarm as it stands. */
export interface AlarmStatus {
  readonly name: string;
  readonly state: AlarmState;
  readonly reason: string;
  readonly since: Date;
}

/** One try to tell somebody of a change. */
export interface AlarmAction {
  readonly alarm: string;
  readonly state: AlarmState;
  readonly target: string;
  readonly at: Date;
  /** Why it failed; on AWS only the alarm's history would say so. */
  readonly failure?: string;
}

/** Actions kept, the newest: a bound for a process that runs for days. */
const keptActions = 1_000;

const topicArn = /^arn:aws[^:]*:sns:/;

/** Every MetricAlarm of the program, judged on the metrics that are recorded here. */
export class Alarms {
  readonly actions: AlarmAction[] = [];
  readonly #alarms: { readonly settings: AlarmSettings; status: AlarmStatus }[];
  #timer: NodeJS.Timeout | undefined;
  #evaluating = Promise.resolve();

  /** @throws UserError for an alarm that cannot be evaluated here */
  constructor(
    private readonly cloud: Cloud,
    private readonly store: MetricStore,
    private readonly onChange?: (alarm: string, change: StateChange) => void,
    private readonly onProblem?: (problem: string) => void,
  ) {
    this.#alarms = readAlarms(cloud.graph).map((settings) => ({
      settings,
      status: {
        name: settings.name,
        state: "INSUFFICIENT_DATA",
        reason: "Unchecked: Initial alarm creation",
        since: new Date(),
      },
    }));
  }

  /** Evaluates every second; CloudWatch does so once a minute. */
  start(onSample: () => void): void {
    const judge = async () => {
      onSample();
      await this.evaluateNow();
    };
    this.#timer = setInterval(() => {
      // A mistake in here must not end the process.
      this.#evaluating = this.#evaluating
        .then(judge)
        .catch((error: unknown) => console.error("local AWS: alarms:", error));
    }, 1000);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#evaluating;
  }

  states(): AlarmStatus[] {
    return this.#alarms.map(({ status }) => status);
  }

  /** Alarms that watch a metric nobody emits, with the reason: a misspelt name, or one not recorded so far. */
  unknownMetrics(): { alarm: string; reason: string }[] {
    return this.#alarms.flatMap(({ settings }) => {
      const reason = whyUnknown(settings.metric, this.cloud.graph, this.store);
      return reason === undefined ? [] : [{ alarm: settings.name, reason }];
    });
  }

  /** Judges every alarm at once, and acts on changes of state only. */
  async evaluateNow(now = Date.now()): Promise<void> {
    for (const alarm of this.#alarms) {
      const { settings, status } = alarm;
      const { state, reason } = evaluate(settings, this.store, now, status.state);
      if (state === status.state) continue;
      const at = new Date(now);
      alarm.status = { name: settings.name, state, reason, since: at };
      const change = { from: status.state, to: state, reason, at };
      this.onChange?.(settings.name, change);
      await this.#act(settings, change);
    }
  }

  async #act(settings: AlarmSettings, change: StateChange): Promise<void> {
    if (!settings.actionsEnabled) return;
    const { subject, message } = alarmNotification(settings, change, this.cloud.graph);
    for (const target of settings.actions[change.to]) {
      const failure = await this.#publish(settings, target, subject, message);
      const tried = { alarm: settings.name, state: change.to, target, at: change.at };
      pushNewest(this.actions, failure === undefined ? tried : { ...tried, failure }, keptActions);
      if (failure !== undefined) {
        this.onProblem?.(
          `the alarm ${settings.name} cannot tell ${target} that it is ${change.to}: ${failure}`,
        );
      }
    }
  }

  /** CloudWatch publishes in its own name: the topic's policy and its key's policy must let it (AWS fact 5.6). */
  async #publish(
    settings: AlarmSettings,
    target: string,
    subject: string,
    message: string,
  ): Promise<string | undefined> {
    if (!topicArn.test(target)) return `local AWS can only publish to SNS topics, not to ${target}`;
    try {
      await this.cloud.call(
        { kind: "service", name: "cloudwatch.amazonaws.com", sourceArn: settings.arn },
        {
          service: "sns",
          operation: "Publish",
          input: { TopicArn: target, Subject: subject, Message: message },
        },
      );
      return undefined;
    } catch (error) {
      return (error as Error).message;
    }
  }
}

/** How far back the longest alarm looks, in seconds. */
export function longestAlarmSeconds(graph: Graph): number {
  const ranges = readAlarms(graph).map(
    ({ periodSeconds, evaluationPeriods }) => periodSeconds * evaluationPeriods,
  );
  return Math.max(60, ...ranges);
}

function readAlarms(graph: Graph): AlarmSettings[] {
  return resourcesOfType(graph, "aws:cloudwatch/metricAlarm:MetricAlarm").map(alarmSettings);
}
