import { pushNewest } from "../newest.js";
import { type Graph, resourcesOfType } from "../program/graph.js";
import type { Cloud } from "../services/cloud.js";
import { type AlarmSettings, type AlarmState, alarmSettings, type Evaluation, evaluate } from "./alarm.js";
import { type CompositeSettings, compositeSettings, evaluateComposite } from "./composite-alarm.js";
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

/** An alarm with all that is known of it. */
export interface AlarmView {
  readonly settings: AlarmSettings | CompositeSettings;
  readonly status: AlarmStatus;
  /** What the program says, until an operator says otherwise. */
  readonly actionsEnabled: boolean;
  /** Its changes of state, the earliest first. */
  readonly history: readonly StateChange[];
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

/** Changes of state kept of each alarm. */
const keptChanges = 100;

const topicArn = /^arn:aws[^:]*:sns:/;

interface Alarm {
  readonly settings: AlarmSettings | CompositeSettings;
  status: AlarmStatus;
  actionsEnabled: boolean;
  readonly history: StateChange[];
  /** A change of which nobody is told yet, because a suppressor may come on or was on. */
  held?: { readonly change: StateChange; readonly until: number };
}

/** Every alarm of the program: metric alarms, judged on the metrics that are recorded here, and composites of them. */
export class Alarms {
  readonly actions: AlarmAction[] = [];
  /** Metric alarms first: composites are judged by their states. */
  readonly #alarms: readonly Alarm[];
  #timer: NodeJS.Timeout | undefined;
  #evaluating = Promise.resolve();

  /** @throws UserError for an alarm that cannot be evaluated here */
  constructor(
    private readonly cloud: Cloud,
    private readonly store: MetricStore,
    private readonly onChange?: (alarm: string, change: StateChange) => void,
    private readonly onProblem?: (problem: string) => void,
  ) {
    this.#alarms = [...readAlarms(cloud.graph), ...readComposites(cloud.graph)].map((settings) => ({
      settings,
      status: {
        name: settings.name,
        state: "INSUFFICIENT_DATA",
        reason: "Unchecked: Initial alarm creation",
        since: new Date(),
      },
      actionsEnabled: settings.actionsEnabled,
      history: [],
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

  /** Every alarm with its settings, its state and its earlier states. */
  all(): AlarmView[] {
    return this.#alarms.map(({ history, ...alarm }) => ({ ...alarm, history: [...history] }));
  }

  /** Lets alarms act from now on, or not. Names that the program does not have are passed over, as CloudWatch does. */
  enableActions(names: readonly string[], enabled: boolean): void {
    for (const alarm of this.#alarms) {
      if (names.includes(alarm.settings.name)) alarm.actionsEnabled = enabled;
    }
  }

  /**
   * Puts an alarm into a state, in which it stays until it is judged the next time; its actions are taken.
   *
   * @returns false if there is no such alarm
   */
  async setState(name: string, state: AlarmState, reason: string): Promise<boolean> {
    const alarm = this.#alarms.find(({ settings }) => settings.name === name);
    if (alarm === undefined) return false;
    await this.#change(alarm, { state, reason }, Date.now());
    return true;
  }

  /** Alarms that watch a metric nobody emits, with the reason: a misspelt name, or one not recorded so far. */
  unknownMetrics(): { alarm: string; reason: string }[] {
    return this.#alarms.flatMap(({ settings }) => {
      if (settings.kind === "composite") {
        return settings.children
          .filter((child) => this.#stateOf(child) === undefined)
          .map((child) => ({ alarm: settings.name, reason: `the program has no alarm ${child}` }));
      }
      return settings.series.flatMap(({ metric }) => {
        const reason = whyUnknown(metric, this.cloud.graph, this.store);
        return reason === undefined ? [] : [{ alarm: settings.name, reason }];
      });
    });
  }

  /** Judges every alarm at once, and acts on changes of state only. */
  async evaluateNow(now = Date.now()): Promise<void> {
    for (const alarm of this.#alarms) {
      const { settings, status } = alarm;
      const { state, reason } =
        settings.kind === "composite"
          ? evaluateComposite(settings, (name) => this.#stateOf(name))
          : evaluate(settings, this.store, now, status.state);
      await this.#change(alarm, { state, reason }, now);
      await this.#actOnHeld(alarm, now);
    }
  }

  async #change(alarm: Alarm, { state, reason }: Evaluation, now: number): Promise<void> {
    const { settings, status } = alarm;
    if (state === status.state) return;
    const at = new Date(now);
    alarm.status = { name: settings.name, state, reason, since: at };
    const change = { from: status.state, to: state, reason, at };
    pushNewest(alarm.history, change, keptChanges);
    this.onChange?.(settings.name, change);
    await this.#actOrHold(alarm, change, now);
  }

  #stateOf(nameOrArn: string): AlarmState | undefined {
    return this.#alarms.find(({ settings }) => [settings.name, settings.arn].includes(nameOrArn))?.status
      .state;
  }

  async #actOrHold(alarm: Alarm, change: StateChange, now: number): Promise<void> {
    const { settings, held } = alarm;
    const suppressor = settings.kind === "composite" ? settings.suppressor : undefined;
    if (suppressor === undefined) {
      await this.#act(alarm, change);
    } else if (held === undefined) {
      alarm.held = { change, until: now + suppressor.waitSeconds * 1000 };
    } else if (held.change.from === change.to) {
      // Nobody was told of the one, so nobody is told that it is over.
      delete alarm.held;
    } else {
      alarm.held = { change: { ...change, from: held.change.from }, until: held.until };
    }
  }

  /** An alarm that the program does not have, such as one of the team's own, is never on here. */
  async #actOnHeld(alarm: Alarm, now: number): Promise<void> {
    const { settings, held } = alarm;
    if (held === undefined || settings.kind !== "composite" || settings.suppressor === undefined) return;
    const { alarm: suppressor, extensionSeconds } = settings.suppressor;
    if (this.#stateOf(suppressor) === "ALARM") {
      alarm.held = { change: held.change, until: now + extensionSeconds * 1000 };
    } else if (now >= held.until) {
      delete alarm.held;
      await this.#act(alarm, held.change);
    }
  }

  async #act({ settings, actionsEnabled }: Alarm, change: StateChange): Promise<void> {
    if (!actionsEnabled) return;
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
    settings: Alarm["settings"],
    target: string,
    subject: string,
    message: string,
  ): Promise<string | undefined> {
    if (!topicArn.test(target)) return `local AWS can only publish to SNS topics, not to ${target}`;
    // A topic of another account than the program's is not on this machine, so nothing is known of its policy.
    if (target.split(":")[4] !== this.cloud.graph.account) return undefined;
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

/** In an order in which each comes after those that it is made of. */
function readComposites(graph: Graph): CompositeSettings[] {
  const all = resourcesOfType(graph, "aws:cloudwatch/compositeAlarm:CompositeAlarm").map(compositeSettings);
  const depthOf = ({ children }: CompositeSettings, above = 0): number => {
    const composites = all.filter(({ name, arn }) => children.includes(name) || children.includes(arn));
    // CloudWatch refuses a circle; here it must not be followed for ever.
    if (above > all.length) return 0;
    return composites.reduce((deepest, each) => Math.max(deepest, 1 + depthOf(each, above + 1)), 0);
  };
  return all.toSorted((one, other) => depthOf(one) - depthOf(other));
}
