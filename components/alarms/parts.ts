import { inParts } from "../support/in-parts.js";

/** Alarms that one composite takes: docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html */
const mostChildren = 100;

/** Alarms in as many parts as they need composites. */
export function partsOf<Alarm>(alarms: readonly Alarm[]): Alarm[][] {
  return inParts(alarms, mostChildren);
}
