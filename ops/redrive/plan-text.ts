import { printable } from "../../command-line/console.js";
import { counted } from "../../command-line/counted.js";
import { durationText, timeText } from "../../command-line/times.js";
import { laneTitle } from "../lanes/find-lane.js";
import { pauseInWords } from "../lanes/pause-notes.js";
import type { Stage } from "../stage/stage.js";
import { shownSource } from "../stage/takers.js";
import type { RedrivePlan } from "./plan.js";

const mostReasons = 5;

/** What a person has to know before the dead letters of a lane are moved, line by line. */
export function planLines(
  { lane, deadLetters, oldestSeconds, reasons, isPaused, pause, changedAt }: RedrivePlan,
  stage: Stage,
  rate: number,
): string[] {
  const { waiting, inFlight } = deadLetters;
  const oldest =
    oldestSeconds === undefined ? "" : `, the oldest there for ${durationText(oldestSeconds * 1000)}`;
  const takes = durationText(Math.ceil(waiting / rate) * 1000);
  const lines = [
    `${laneTitle(lane)}: ${counted(waiting, "dead letter")}${oldest}; at ${rate} a second it takes ${takes}`,
  ];
  if (inFlight > 0) lines.push(`  ${inFlight} more are being looked at by somebody, and stay`);
  if (reasons.length > 0) lines.push("  what its webhooks failed of, as the history has it:");
  for (const { count, source, reason, last, example } of reasons.slice(0, mostReasons)) {
    lines.push(
      `  ×${count} ${shownSource(stage.outputs, source)}: ${printable(reason)} (last received ${timeText(last)}, such as ${printable(example)})`,
    );
  }
  const others = reasons.slice(mostReasons).reduce((sum, { count }) => sum + count, 0);
  if (others > 0) lines.push(`  ×${others} for other reasons`);
  lines.push("  each is a new message: its deliveries are counted anew");
  if (isPaused) {
    const words = pause === undefined ? "its event source mapping is disabled" : pauseInWords(pause);
    lines.push(`  the lane is paused, so they will wait in its queue: ${words}`);
  }
  const lastEnd = Math.max(0, ...reasons.map((reason) => reason.lastEnd));
  if (lastEnd > changedAt) {
    lines.push(
      `  the function was not deployed since the last failure at ${timeText(lastEnd)}: unless what it calls was mended, they fail again`,
    );
  }
  return lines;
}
