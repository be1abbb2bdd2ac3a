/** How a client's requests are bound. Without it the SDK waits for ever. */
export const requestHandler = {
  connectionTimeout: 1_000,
  requestTimeout: 5_000,
  throwOnRequestTimeout: true,
};

/** How often a client sends a request that failed. The queue tries again as well, and later. */
export const maxAttempts = 2;

/** Makes something once, when it is first asked for. */
export function once<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => {
    made ??= make();
    return made;
  };
}

/** The parts of an ARN: `arn:partition:service:region:account:resource`. */
export function partsOfArn(arn: string) {
  const [, partition = "", , region = "", account = "", ...resource] = arn.split(":");
  return { partition, region, account, resource: resource.join(":") };
}
