import type { Command } from "commander";
import { parseMilliseconds, parseRate, parseSize, type Traffic } from "./traffic.js";

/** What a command that tells costs is told of the webhooks, as it was typed. */
export interface TrafficOptions {
  readonly webhooks: string;
  readonly body: string;
  readonly handler: string;
}

/** Adds the options that say what senders send. */
export function withTraffic(command: Command): Command {
  return command
    .option("--webhooks <rate>", "webhooks in a span of time: 1000000/month, 50k/day, 10/s", "100000/month")
    .option("--body <size>", "size of an average body", "4KB")
    .option("--handler <duration>", "how long a handler or a target works on a webhook", "50ms");
}

/** @throws UsageError that names the option that has another form */
export function trafficOf({ webhooks, body, handler }: TrafficOptions): Traffic {
  return {
    webhooksPerMonth: parseRate(webhooks),
    bodyBytes: parseSize(body),
    handlerMilliseconds: parseMilliseconds(handler),
  };
}
