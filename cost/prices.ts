/** A price, and the page of AWS that has it. */
export interface Price {
  /** US dollars for one unit. */
  readonly dollars: number;
  /** What is paid for. */
  readonly unit: string;
  readonly source: string;
}

/** When the prices were read. */
export const pricesOf = "2026-06";

/** The Region whose prices they are. Most others cost up to a third more. */
export const priceRegion = "us-east-1";

const million = 1_000_000;

const price = (dollars: number, unit: string, page: string): Price => ({
  dollars,
  unit,
  source: `https://aws.amazon.com/${page}/pricing/`,
});

/**
 * On-demand list prices in the first tier, without free tiers, credits and taxes. AWS gives many of the first units of a month
 * for nothing, and the tiers above cost less, so a bill is lower rather than higher.
 */
export const prices = {
  restRequest: price(3.5 / million, "request to a REST API", "api-gateway"),
  httpRequest: price(1 / million, "request to an HTTP API, for each 512 KB", "api-gateway"),
  standardQueueRequest: price(0.4 / million, "request to a standard queue, for each 64 KB", "sqs"),
  fifoQueueRequest: price(0.5 / million, "request to a FIFO queue, for each 64 KB", "sqs"),
  invocation: price(0.2 / million, "invocation", "lambda"),
  x86GigabyteSecond: price(0.0000166667, "GB-second on x86", "lambda"),
  armGigabyteSecond: price(0.0000133334, "GB-second on Arm", "lambda"),
  writeUnit: price(0.625 / million, "write request unit", "dynamodb/on-demand"),
  tableGigabyteMonth: price(0.25, "GB-month in the table and its indexes", "dynamodb/on-demand"),
  recoveryGigabyteMonth: price(0.2, "GB-month that can be restored to a point in time", "dynamodb/on-demand"),
  objectWrite: price(0.005 / 1_000, "PUT of an object", "s3"),
  objectGigabyteMonth: price(0.023, "GB-month in the bucket", "s3"),
  logGigabyte: price(0.5, "GB of logs taken in", "cloudwatch"),
  logGigabyteMonth: price(0.03, "GB-month of logs kept, compressed", "cloudwatch"),
  customMetric: price(0.3, "custom metric", "cloudwatch"),
  alarmMetric: price(0.1, "metric of an alarm", "cloudwatch"),
  compositeAlarm: price(0.5, "composite alarm", "cloudwatch"),
  dashboard: price(3, "dashboard", "cloudwatch"),
  secret: price(0.4, "secret", "secrets-manager"),
  key: price(1, "KMS key", "kms"),
  interfaceEndpointHour: price(0.01, "hour of an interface endpoint in a zone", "privatelink"),
  natGatewayHour: price(0.045, "hour of a NAT gateway", "vpc"),
  publicAddressHour: price(0.005, "hour of a public IPv4 address", "vpc"),
  firewallRequest: price(0.6 / million, "request that a web ACL looks at", "waf"),
  trace: price(5 / million, "trace", "xray"),
} as const satisfies Record<string, Price>;

export type PriceName = keyof typeof prices;
