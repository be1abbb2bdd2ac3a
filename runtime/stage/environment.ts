/**
 * Names that AWS gives the pipeline's resources, as environment variables of the function. They are names instead of
 * ARNs, because all variables together may take only 4 KB (AWS fact 4.15).
 */
export interface Environment {
  /** URL of the queue that the function processes. It is needed to delay failed webhooks. */
  readonly queueUrl: string;
  /** Name of the history table. */
  readonly historyTable: string;
  /** Lowest level that is logged. */
  readonly logLevel: LogLevel;
  /** Bucket for payloads that are too large for the history's items. Without a bucket they are not kept. */
  readonly overflowBucket?: string;
  /**
   * Origin of a server on this machine that is asked for senders' public keys instead of their own addresses: for a pipeline
   * on a laptop. In Lambda nothing answers there.
   *
   * @default the senders' own addresses
   */
  readonly signingKeysEndpoint?: string;
}

export const logLevels = ["DEBUG", "INFO", "WARN", "ERROR"] as const;
export type LogLevel = (typeof logLevels)[number];

/** The environment variables' names, for the component that sets them. */
export const environmentVariables = {
  queueUrl: "WEBHOOK_QUEUE_URL",
  historyTable: "WEBHOOK_HISTORY_TABLE",
  logLevel: "WEBHOOK_LOG_LEVEL",
  overflowBucket: "WEBHOOK_OVERFLOW_BUCKET",
  signingKeysEndpoint: "WEBHOOK_SIGNING_KEYS_ENDPOINT",
} as const satisfies Record<keyof Required<Environment>, string>;

/** Reads the variables. An error names the variable that is missing or wrong. */
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
  const signingKeysEndpoint = variables[environmentVariables.signingKeysEndpoint];
  // Whoever answers there decides which tokens are genuine, so it must be this machine.
  if (signingKeysEndpoint && !/^http:\/\/127\.0\.0\.1:\d+$/.test(signingKeysEndpoint)) {
    throw new Error(
      `${environmentVariables.signingKeysEndpoint} must be http://127.0.0.1 with a port, got ${signingKeysEndpoint}`,
    );
  }
  return {
    queueUrl: read("queueUrl"),
    historyTable: read("historyTable"),
    logLevel,
    ...(overflowBucket ? { overflowBucket } : {}),
    ...(signingKeysEndpoint ? { signingKeysEndpoint } : {}),
  };
}
