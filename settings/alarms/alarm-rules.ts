import type { Partially, Settings } from "../schemas.js";
import type { SourceSettings } from "../sources.js";

type Alarms = Settings["alarms"];

/** Problems of the alarms with the rest of the stage. */
export function alarmProblems({ alarms, sources }: Partially): string[] {
  if (alarms === undefined) return [];
  const { page, canary } = alarms;
  return [
    ...(page !== undefined && countReceivers(page) === 0
      ? [
          "alarms.page: names nobody, so that pages would reach nobody: name an address, an endpoint, a topic or a channel, or leave it out",
        ]
      : []),
    ...(canary === undefined || sources === undefined ? [] : canaryProblems(canary.source, sources)),
  ];
}

/** Nothing but the history takes the canary's webhooks, and EventBridge can show a token alone. */
function canaryProblems(name: string, sources: readonly SourceSettings[]): string[] {
  const source = sources.find((each) => each.name === name);
  if (source === undefined) return [`alarms.canary.source: there is no source "${name}"`];
  const { signature, forward, target, schema } = source.definition;
  const problem = (what: string) => `alarms.canary.source: the source "${name}" ${what}`;
  return [
    ...(signature.kind === "token" && signature.header !== undefined && signature.prefix === undefined
      ? []
      : [
          problem(
            "needs signature: { scheme: token, header: … }: EventBridge sends the token alone, in a header",
          ),
        ]),
    ...(forward !== undefined || target !== undefined || source.subscribers.length > 0
      ? [problem("hands its webhooks on: the canary's are nobody's business but the history's")]
      : []),
    ...(schema === undefined ? [] : [problem("has a schema, and EventBridge decides on the body")]),
    ...(source.changes.retiring ? [problem("is retiring, and takes nothing new")] : []),
  ];
}

/** How many are told. */
function countReceivers(
  receivers: Pick<Alarms, "email" | "https" | "topicArns" | "slack" | "teams">,
): number {
  const { email, https, topicArns, slack, teams } = receivers;
  return [email, https, topicArns, slack, teams].reduce((sum, each) => sum + each.length, 0);
}

/** What is allowed of the alarms and seldom meant. */
export function alarmWarnings({ alarms, sources }: Settings): string[] {
  const silent = sources.filter(
    ({ expectEveryMinutes, changes }) => expectEveryMinutes !== undefined && changes.retiring,
  );
  return [
    ...(countReceivers(alarms) === 0 && alarms.page === undefined
      ? ["alarms: nobody is told of them: name an address in alarms.email, or an endpoint in alarms.https"]
      : []),
    ...(countReceivers(alarms) === 0 && alarms.page !== undefined
      ? ["alarms: nobody is told of those that do not page: name an address in alarms.email"]
      : []),
    ...silent.map(
      ({ name }) =>
        `sources: ${name} is retiring, so nobody waits for its webhooks: leave out expectEveryMinutes`,
    ),
  ];
}
