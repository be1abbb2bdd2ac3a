import { arnOf, describe, type GraphResource } from "../program/graph.js";
import { UserError } from "../program/user-error.js";
import { type AlarmState, type CommonAlarmSettings, commonSettings, type Evaluation } from "./alarm.js";
import { parseAlarmRule, type Rule } from "./alarm-rule.js";

/** A CompositeAlarm of the program. */
export interface CompositeSettings extends CommonAlarmSettings {
  readonly kind: "composite";
  readonly ruleText: string;
  readonly rule: Rule;
  /** The alarms of the rule, by names or ARNs. */
  readonly children: readonly string[];
  readonly suppressor?: Suppressor;
}

/** An alarm that keeps a composite alarm from acting while it is on. */
export interface Suppressor {
  /** Name or ARN. */
  readonly alarm: string;
  /** Time to wait for it before the composite alarm acts. */
  readonly waitSeconds: number;
  /** Time to wait once it is over. */
  readonly extensionSeconds: number;
}

/** @throws UserError for a rule that CloudWatch would refuse */
export function compositeSettings(resource: GraphResource): CompositeSettings {
  const { alarmRule, actionsSuppressor } = resource.inputs;
  const ruleText = String(alarmRule);
  const suppressor = actionsSuppressor as
    | { readonly alarm: string; readonly waitPeriod: number; readonly extensionPeriod: number }
    | undefined;
  try {
    const { rule, alarms } = parseAlarmRule(ruleText);
    return {
      kind: "composite",
      ...commonSettings(resource, arnOf(resource)),
      ruleText,
      rule,
      children: alarms,
      ...(suppressor === undefined
        ? {}
        : {
            suppressor: {
              alarm: suppressor.alarm,
              waitSeconds: suppressor.waitPeriod,
              extensionSeconds: suppressor.extensionPeriod,
            },
          }),
    };
  } catch (error) {
    throw new UserError(`${describe(resource)}: alarmRule: ${(error as Error).message}`);
  }
}

/** The state that the rule calls for; the reason names the alarms that are on. */
export function evaluateComposite(
  { rule, children }: CompositeSettings,
  stateOf: (alarm: string) => AlarmState | undefined,
): Evaluation {
  const on = children.filter((child) => stateOf(child) === "ALARM");
  return rule(stateOf)
    ? { state: "ALARM", reason: `The rule is met. In ALARM: ${on.join(", ") || "none"}.` }
    : { state: "OK", reason: `The rule is not met. In ALARM: ${on.join(", ") || "none"}.` };
}
