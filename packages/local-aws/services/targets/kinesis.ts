import { z } from "zod";
import type { Principal } from "../../iam/principal.js";
import { partsOfArn, streamArn } from "../../iam/resources-elsewhere.js";
import type { Graph } from "../../program/graph.js";
import { readInput, unknownOperation, validationError } from "../input.js";
import { ServiceError } from "../service-error.js";
import { Recorder } from "./recorder.js";

/** A record of a stream. */
export interface StreamRecord {
  readonly partitionKey: string;
  readonly data: Buffer;
}

const partitionKey = z.string().min(1).max(256);
const ofStream = { StreamName: z.string().optional(), StreamARN: z.string().optional() };
const hashKey = z.string().optional();
const putRecord = z.object({
  ...ofStream,
  Data: z.string(),
  PartitionKey: partitionKey,
  ExplicitHashKey: hashKey,
  SequenceNumberForOrdering: z.string().optional(),
});
const putRecords = z.object({
  ...ofStream,
  Records: z
    .array(z.object({ Data: z.string(), PartitionKey: partitionKey, ExplicitHashKey: hashKey }))
    .min(1)
    .max(500),
});

/**
 * Largest record, and largest request: docs.aws.amazon.com/kinesis/latest/APIReference/API_PutRecord.html. A stream's own limit is
 * 1 MiB unless it was raised. That of a stream elsewhere is not known here.
 */
const mostBytes = 10_485_760;

/** Kinesis: takes records of the program's streams and of those that its roles may use. All have one shard. */
export class Kinesis {
  readonly received: Recorder<StreamRecord>;
  #last = 49_600_000_000_000_000_000_000_000_000_000n;

  constructor(private readonly graph: Graph) {
    this.received = new Recorder(graph, "stream");
  }

  /** @throws ServiceError for what Kinesis would refuse */
  handle(operation: string, input: unknown, principal: Principal): unknown {
    if (operation === "PutRecord") {
      const record = readInput(putRecord, input);
      return this.#put(this.#stream(record), record, principal);
    }
    if (operation !== "PutRecords") throw unknownOperation("Kinesis", operation);
    const { Records, ...stream } = readInput(putRecords, input);
    const arn = this.#stream(stream);
    return { FailedRecordCount: 0, Records: Records.map((record) => this.#put(arn, record, principal)) };
  }

  #put(arn: string, record: { Data: string; PartitionKey: string }, principal: Principal) {
    const data = Buffer.from(record.Data, "base64");
    if (data.length + Buffer.byteLength(record.PartitionKey) > mostBytes) {
      throw validationError(
        `Value at 'data' failed to satisfy constraint: Member must have length less than or equal to ${mostBytes}`,
      );
    }
    this.received.add(arn, principal, { partitionKey: record.PartitionKey, data });
    this.#last += 1n;
    return { SequenceNumber: String(this.#last), ShardId: "shardId-000000000000" };
  }

  #stream(named: { StreamName?: string | undefined; StreamARN?: string | undefined }): string {
    const arn = streamArn(this.graph, named);
    if (this.received.has(arn)) return arn;
    const { account, resource } = partsOfArn(arn);
    throw new ServiceError(
      "ResourceNotFoundException",
      `Stream ${resource.replace("stream/", "")} under account ${account} not found.`,
    );
  }
}
