import type { AlarmState } from "./alarm.js";
import { Tokens } from "./tokens.js";

/** Whether a composite alarm is on, by the states of other alarms. */
export type Rule = (stateOf: (alarm: string) => AlarmState | undefined) => boolean;

/**
 * The rule of a composite alarm: `ALARM("one") OR (OK("two") AND NOT INSUFFICIENT_DATA("three"))`. Alarms are called by their names or
 * ARNs. docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
 *
 * @throws Error for what is not understood
 */
export function parseAlarmRule(text: string): { readonly rule: Rule; readonly alarms: readonly string[] } {
  const tokens = new Tokens(text, /"[^"]*"|[A-Za-z_]+(?=\s*\()|[()]|[^\s()"]+/);
  const alarms = new Set<string>();
  const rule = readEither(tokens, alarms);
  tokens.expectEnd();
  return { rule, alarms: [...alarms] };
}

function readEither(tokens: Tokens, alarms: Set<string>): Rule {
  const rules = [readBoth(tokens, alarms)];
  while (tokens.take("OR") !== undefined) rules.push(readBoth(tokens, alarms));
  return (stateOf) => rules.some((rule) => rule(stateOf));
}

function readBoth(tokens: Tokens, alarms: Set<string>): Rule {
  const rules = [readOne(tokens, alarms)];
  while (tokens.take("AND") !== undefined) rules.push(readOne(tokens, alarms));
  return (stateOf) => rules.every((rule) => rule(stateOf));
}

function readOne(tokens: Tokens, alarms: Set<string>): Rule {
  if (tokens.take("NOT") !== undefined) {
    const rule = readOne(tokens, alarms);
    return (stateOf) => !rule(stateOf);
  }
  if (tokens.take("TRUE") !== undefined) return () => true;
  if (tokens.take("FALSE") !== undefined) return () => false;
  if (tokens.take("(") !== undefined) {
    const rule = readEither(tokens, alarms);
    tokens.expect(")");
    return rule;
  }
  const state = tokens.take("ALARM", "OK", "INSUFFICIENT_DATA");
  if (state === undefined) throw new Error(`"${tokens.takeAny()}" is no state and no operator`);
  tokens.expect("(");
  const alarm = tokens.takeAny().replaceAll('"', "");
  tokens.expect(")");
  alarms.add(alarm);
  return (stateOf) => stateOf(alarm) === state;
}
