import type { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import type { StageOutputs } from "../stage/outputs.js";
import type { TimeWindow } from "./time-window.js";

/** A line that a function logged about a webhook. */
export interface AttemptLog {
  /** Epoch milliseconds. */
  readonly at: number;
  readonly level: string;
  readonly message: string;
  /** The other fields of the line. */
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Most lines that are read of a function. */
const mostLines = 200;

/**
 * What the functions logged about a webhook, the oldest first.
 *
 * @param field `webhook_id` or `request_id`
 * @param groups names of log groups
 */
export async function attemptLogs(
  client: CloudWatchLogsClient,
  groups: readonly string[],
  { field, value, window }: { readonly field: string; readonly value: string; readonly window: TimeWindow },
): Promise<AttemptLog[]> {
  const { FilterLogEventsCommand } = await import("@aws-sdk/client-cloudwatch-logs");
  const found = await Promise.all(
    groups.map(async (logGroupName) => {
      const lines: AttemptLog[] = [];
      let nextToken: string | undefined;
      do {
        const page = await client.send(
          new FilterLogEventsCommand({
            logGroupName,
            startTime: window.from,
            endTime: window.to,
            // docs.aws.amazon.com/AmazonCloudWatch/latest/logs/FilterAndPatternSyntax.html
            filterPattern: `{ $.${field} = ${JSON.stringify(value)} }`,
            nextToken,
          }),
        );
        lines.push(
          ...(page.events ?? []).flatMap(({ timestamp = 0, message = "" }) => readLine(timestamp, message)),
        );
        nextToken = page.nextToken;
      } while (nextToken !== undefined && lines.length < mostLines);
      return lines;
    }),
  );
  return found.flat().sort((one, other) => one.at - other.at);
}

/** The log groups of a stage's functions. */
export function logGroupsOf({ operations }: Pick<StageOutputs, "operations">): string[] {
  return [...new Set(Object.values(operations.lanes).map(({ logGroup }) => logGroup))];
}

function readLine(at: number, text: string): AttemptLog[] {
  try {
    const { level, message, timestamp, ...fields } = JSON.parse(text) as Record<string, unknown>;
    const time = typeof timestamp === "string" ? Date.parse(timestamp) : Number.NaN;
    return [
      {
        at: Number.isNaN(time) ? at : time,
        level: String(level ?? ""),
        message: String(message ?? ""),
        fields,
      },
    ];
  } catch {
    return [];
  }
}
