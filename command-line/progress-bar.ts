import type { Console } from "./console.js";
import { counted } from "./counted.js";
import { durationText } from "./times.js";

/** A bar on standard error that shows how far a long piece of work is. */
export interface ProgressBar {
  /** @param done pieces that are done, of the total */
  update(done: number): void;
  /** Ends the bar's line, so that what follows stands below it. */
  end(): void;
}

const width = 30;

/** Between two pictures, in milliseconds: more than ten a second nobody sees. */
const pauseMilliseconds = 100;

/** Shows a bar at a terminal, and nothing where standard error is a file or a pipe. */
export function progressBar(
  console: Console,
  {
    total,
    noun,
    clock = Date.now,
  }: { readonly total: number; readonly noun: string; readonly clock?: () => number },
): ProgressBar {
  const { stderr } = console.streams;
  if (stderr.isTTY !== true || total === 0) return { update() {}, end() {} };
  const startedAt = clock();
  let shownAt = Number.NEGATIVE_INFINITY;
  let atStart: number | undefined;
  const show = (done: number) => {
    atStart ??= done;
    const filled = Math.floor((done / total) * width);
    const bar = `${"█".repeat(filled)}${"░".repeat(width - filled)}`;
    const since = done - atStart;
    const left = since > 0 ? ((clock() - startedAt) / since) * (total - done) : undefined;
    const rest = left === undefined || done === total ? "" : `, ${durationText(left)} left`;
    // To the line's beginning, and what was longer there is erased.
    stderr.write(`\r${bar} ${done} of ${counted(total, noun)}${rest}\u001b[K`);
  };
  return {
    update(done) {
      if (done < total && clock() - shownAt < pauseMilliseconds) return;
      shownAt = clock();
      show(done);
    },
    end() {
      stderr.write("\n");
    },
  };
}
