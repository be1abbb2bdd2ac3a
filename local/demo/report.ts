import { table } from "../../command-line/table.js";
import type { LocalPipeline } from "../pipeline.js";
import type { Verdict } from "./promises.js";
import { type Aftermath, endOf, handedOver, type Sent } from "./run.js";

/** What was sent, what the sender got as answers and what became of it, one line per group. */
export function report(pipeline: LocalPipeline, aftermath: Aftermath, verdicts: readonly Verdict[]): string {
  return [
    "",
    table([
      ["sent", "", "answered", "became"],
      ...groups(aftermath.sent).map((group) => groupRow(group, aftermath)),
      ...subscriberRows(aftermath),
    ]),
    "",
    ...told(pipeline),
    "",
    ...verdicts.flatMap(({ promise, broken }) => [
      `${broken.length === 0 ? "held  " : "BROKEN"}  ${promise}`,
      ...broken.map((how) => `          ${how}`),
    ]),
    "",
  ].join("\n");
}

function groups(sent: readonly Sent[]): Sent[][] {
  return [...Map.groupBy(sent, ({ group }) => group).values()];
}

function groupRow(group: readonly Sent[], aftermath: Aftermath): string[] {
  const answers = group.flatMap((delivery) => delivery.answers.map(({ status }) => String(status)));
  const ends = group.map((delivery) =>
    delivery.expected.end === "refused" && endOf(delivery, aftermath) === "nowhere"
      ? "never queued"
      : endOf(delivery, aftermath).replace("dead-letter", "in the dead-letter queue"),
  );
  return [group[0]?.group ?? "", String(answers.length), counted(answers), counted(ends)];
}

/** What became of a distributed webhook at each of its source's subscribers. */
function subscriberRows(aftermath: Aftermath): string[][] {
  const { subscribersDeadLetters } = aftermath;
  const isGivenUp = (id: string) => subscribersDeadLetters.some(({ webhookId }) => webhookId === id);
  return [...Map.groupBy(handedOver(aftermath), ({ subscriber }) => subscriber)].map(([subscriber, all]) => {
    const ends = all.map(({ webhookId, item }) =>
      isGivenUp(webhookId) ? "in its dead-letter queue" : (item?.status ?? "nowhere"),
    );
    return [`  distributed to subscriber ${subscriber}`, String(all.length), "", counted(ends)];
  });
}

/** `58 × 200, 1 × 415` */
function counted(values: readonly string[]): string {
  return [...Map.groupBy(values, (value) => value)]
    .map(([value, all]) => `${all.length} × ${value}`)
    .join(", ");
}

function told({ alarms, inbox }: LocalPipeline): string[] {
  const fired = new Set(alarms.actions.filter(({ state }) => state === "ALARM").map(({ alarm }) => alarm));
  const messages = inbox.filter(({ subject }) => subject?.startsWith("ALARM"));
  return [
    `alarms that went off:  ${[...fired].join(", ") || "none"}`,
    ...messages.map(
      ({ subject = "", subscribers }) => `reached the topic:     ${subject}, for ${subscribers.join(", ")}`,
    ),
  ];
}
