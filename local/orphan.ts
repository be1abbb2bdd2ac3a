import { readFileSync } from "node:fs";

/**
 * Ends this process when the process that started it is gone, so that a killed `npm run` leaves nothing behind. npm
 * does not pass on every signal, and a SIGKILL cannot be passed on. Functions and ports end with the process.
 */
export function exitWithParent(): void {
  const startedBy = ancestors();
  const timer = setInterval(() => {
    if (ancestors() !== startedBy) process.exit(1);
  }, 500);
  timer.unref();
}

/**
 * The parent and, where the system reports it, its parent: between npm and this process is a shell that outlives npm.
 */
function ancestors(): string {
  return `${process.ppid} ${parentOf(process.ppid)}`;
}

function parentOf(pid: number): string {
  try {
    // Linux: the fourth field, after the command's name, which may contain spaces and parentheses.
    const status = readFileSync(`/proc/${pid}/stat`, "utf8");
    return status.slice(status.lastIndexOf(")") + 2).split(" ")[1] ?? "";
  } catch {
    return "";
  }
}
