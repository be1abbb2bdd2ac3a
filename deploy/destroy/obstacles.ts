import { counted } from "../../command-line/counted.js";
import type { AwsClients } from "../../ops/stage/clients.js";
import type { StackState, StateResource } from "../engine/stage.js";
import { nameOf, typeOf } from "../plan/changes.js";
import type { CountMessages } from "../plan/notices.js";

/** Why a stage may not be taken down yet. */
export interface Obstacle {
  readonly name: string;
  readonly why: string;
  /** What to do about it. */
  readonly step: string;
}

/** How AWS is asked what a stage still holds. */
export interface Contents {
  readonly countMessages: CountMessages;
  /** Whether there is an object in a bucket, or a version of one. */
  readonly hasObjects: (bucket: string) => Promise<boolean>;
}

/** Everything that must be dealt with before a stage is taken down: all of it, so that nobody has to come back for each. */
export async function obstaclesOf(
  stack: string,
  { resources }: StackState,
  { countMessages, hasObjects }: Contents,
): Promise<Obstacle[]> {
  const found = resources.map(async (resource): Promise<Obstacle[]> => {
    const { type, outputs = {} } = resource;
    const name = `${typeOf(type)} ${nameOf(resource.urn)}`;
    const obstacles: Obstacle[] = [];
    if (resource.protect === true) {
      obstacles.push({
        name,
        why: "is protected",
        step: `write webhook-pipeline:protect: "false" into Pulumi.${stack}.yaml, then npm run deploy -- up --stack ${stack}`,
      });
    }
    if (type === "aws:dynamodb/table:Table" && outputs.deletionProtectionEnabled === true) {
      obstacles.push({
        name,
        why: "has AWS's own deletion protection",
        step: `write deletionProtection: false under webhook-pipeline:history in Pulumi.${stack}.yaml, then npm run deploy -- up --stack ${stack}`,
      });
    }
    if (type === "aws:sqs/queue:Queue" && typeof outputs.url === "string") {
      const count = await countMessages(outputs.url);
      if (count !== 0) {
        obstacles.push({
          name,
          why:
            count === undefined
              ? "may hold webhooks: AWS does not tell how many"
              : `holds ${counted(count, "webhook")}`,
          step: `let them be worked off (npm run ops -- redrive --stack ${stack} for dead letters), or give them up: aws sqs purge-queue --queue-url ${outputs.url}`,
        });
      }
    }
    if (/^aws:s3\/bucket(V2)?:/.test(type) && (await hasObjects(bucketOf(resource)))) {
      obstacles.push({
        name,
        why: "holds payloads of the history",
        step: `keep what you need, then empty it: aws s3 rm s3://${bucketOf(resource)} --recursive`,
      });
    }
    return obstacles;
  });
  return (await Promise.all(found)).flat();
}

function bucketOf({ id, outputs = {} }: StateResource): string {
  return String(outputs.bucket ?? id);
}

/** Asks S3 whether a bucket holds anything. A bucket that is gone holds nothing. */
export function hasObjects(clients: AwsClients): Contents["hasObjects"] {
  return async (bucket) => {
    const [s3, { ListObjectVersionsCommand }] = await Promise.all([
      clients.s3(),
      import("@aws-sdk/client-s3"),
    ]);
    try {
      const { Versions = [], DeleteMarkers = [] } = await s3.send(
        new ListObjectVersionsCommand({ Bucket: bucket, MaxKeys: 1 }),
      );
      return Versions.length + DeleteMarkers.length > 0;
    } catch (error) {
      if ((error as Error).name === "NoSuchBucket") return false;
      throw error;
    }
  };
}

/** The obstacles as a list, then each step once. */
export function obstaclesAsText(obstacles: readonly Obstacle[]): string {
  const steps = [...new Set(obstacles.map(({ step }) => step))];
  return [
    ...obstacles.map(({ name, why }) => `  ${name} ${why}`),
    "first:",
    ...steps.map((step) => `  - ${step}`),
  ].join("\n");
}
