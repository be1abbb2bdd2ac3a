import { type LogLevel, logLevels } from "../stage/environment.js";

/**
 * Fields of a line in addition to level, time and message. Never a body, a header or a secret, but for the single value that
 * decided in a filter.
 */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

/** Writes one JSON object per line, which CloudWatch Logs Insights reads as fields. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
  /** Returns a log that adds these fields to every line. */
  with(fields: LogFields): Log;
  /** Writes a line with a level that is known only at run time. */
  write(level: LogLevel, message: string, fields?: LogFields): void;
}

/** Writes one line, given without its line break. */
export type WriteLine = (line: string) => void;

/**
 * Writes to standard output. It does not use console: with Lambda's JSON log format console wraps each line into
 * another object, and CloudWatch no longer finds the metrics in it (AWS fact 5.8).
 */
export function writeToStdout(line: string): void {
  process.stdout.write(`${line}\n`);
}

/** A log that leaves out lines below the given level. */
export function createLog(
  { level, writeLine, clock }: { level: LogLevel; writeLine: WriteLine; clock: () => number },
  common: LogFields = {},
): Log {
  const lowest = logLevels.indexOf(level);
  const write: Log["write"] = (lineLevel, message, fields) => {
    if (logLevels.indexOf(lineLevel) < lowest) return;
    const own = { level: lineLevel, timestamp: new Date(clock()).toISOString(), message };
    // Our own members again at the end, because a field with the same name must not hide them.
    writeLine(JSON.stringify({ ...own, ...common, ...fields, ...own }));
  };
  return {
    debug: (message, fields) => write("DEBUG", message, fields),
    info: (message, fields) => write("INFO", message, fields),
    warn: (message, fields) => write("WARN", message, fields),
    error: (message, fields) => write("ERROR", message, fields),
    with: (fields) => createLog({ level, writeLine, clock }, { ...common, ...fields }),
    write,
  };
}

/** An error as fields of a log line. */
export function errorFields(error: unknown): LogFields {
  if (!(error instanceof Error)) return { error: String(error) };
  return { error: `${error.name}: ${error.message}`, stack: error.stack };
}
