/**
 * Names that AWS gives the pipeline's resources, as environment variables of the function. Whole names instead of ARNs,
 * because all variables together may take 4 KB: docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html.
 */
export interface Environment {
  /** URL of the queue the function works off; failed webhooks get their delay there. */
  readonly queueUrl: string;
  /** Name of the history table. */
  readonly historyTable: string;
  /** Name of the Secrets Manager secret by source. */
  readonly secretNames: Readonly<Record<string, string>>;
  /** Lowest level that is logged. */
  readonly logLevel: LogLevel;
  /** Bucket for payloads that are too large for the history's items; without one those are not kept. */
  readonly overflowBucket?: string;
}

export const logLevels = ["DEBUG", "INFO", "WARN", "ERROR"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The environment variables' names, for the component that sets them. */
export const environmentVariables = {
  queueUrl: "WEBHOOK_QUEUE_URL",
  historyTable: "WEBHOOK_HISTORY_TABLE",
  secretNames: "WEBHOOK_SECRET_NAMES",
  logLevel: "WEBHOOK_LOG_LEVEL",
  overflowBucket: "WEBHOOK_OVERFLOW_BUCKET",
} as const satisfies Record<keyof Required<Environment>, string>;

/** Reads the variables; an error names the one that is missing or wrong. */
export function readEnvironment(variables: Record<string, string | undefined>): Environment {
  const read = (key: keyof Environment): string => {
    const value = variables[environmentVariables[key]];
    if (value === undefined || value === "") {
      throw new Error(
        `${environmentVariables[key]} is not set: deploy the function with this stack's program`,
      );
    }
    return value;
  };
  const logLevel = logLevels.find((level) => level === read("logLevel"));
  if (logLevel === undefined) {
    throw new Error(
      `${environmentVariables.logLevel} must be one of ${logLevels.join(", ")}, got ${read("logLevel")}`,
    );
  }
  const overflowBucket = variables[environmentVariables.overflowBucket];
  return {
    queueUrl: read("queueUrl"),
    historyTable: read("historyTable"),
    secretNames: readNames(read("secretNames")),
    logLevel,
    ...(overflowBucket ? { overflowBucket } : {}),
  };
}

function readNames(text: string): Record<string, string> {
  try {
    return JSON.parse(text) as Record<string, string>;
  } catch {
    throw new Error(
      `${environmentVariables.secretNames} is not JSON: deploy the function with this stack's program`,
    );
  }
}
