const levels = ["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"];

/**
 * Whether Lambda hands a line on to CloudWatch under the JSON log format. A line that says no level of its own, as lines with
 * metrics do, counts as INFO: docs.aws.amazon.com/lambda/latest/dg/monitoring-cloudwatchlogs-log-level.html
 *
 * @param lowest `applicationLogLevel` of the function
 */
export function isHandedOn(line: string, lowest: string): boolean {
  return levels.indexOf(levelOf(line)) >= levels.indexOf(lowest);
}

function levelOf(line: string): string {
  try {
    const { level } = JSON.parse(line) as { level?: unknown };
    const named = String(level).toUpperCase();
    return levels.includes(named) ? named : "INFO";
  } catch {
    return "INFO";
  }
}
