import { readFileSync } from "node:fs";

/**
 * Ends this process when the one that started it is gone, so that a killed `npm run` leaves nothing behind: npm does not
 * pass every signal on, and a SIGKILL cannot be passed on. Worker threads and ports go with the process.
 */
export function exitWithParent(): void {
  const startedBy = ancestors();
  const timer = setInterval(() => {
    if (ancestors() !== startedBy) process.exit(1);
  }, 500);
  timer.unref();
}

/** Parent, and its parent where the system tells: between npm and this process stands a shell that outlives npm. */
function ancestors(): string {
  return `${process.ppid} ${parentOf(process.ppid)}`;
}

function parentOf(pid: number): string {
  try {
    // Linux: the fourth field, behind the command's name, which may contain spaces and parentheses.
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    return status.slice(status.lastIndexOf(")") + 2).split(" ")[1] ?? "";
  } catch {
    return "";
  }
}
