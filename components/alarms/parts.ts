/** Alarms that one composite takes: docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html */
const mostChildren = 100;

/** Alarms in as many parts as they need composites. */
export function partsOf<Alarm>(alarms: readonly Alarm[]): Alarm[][] {
  return Array.from({ length: Math.ceil(alarms.length / mostChildren) }, (_, part) =>
    alarms.slice(part * mostChildren, (part + 1) * mostChildren),
  );
}
