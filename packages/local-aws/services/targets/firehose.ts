import { randomBytes } from "node:crypto";
import { z } from "zod";
import type { Principal } from "../../iam/principal.js";
import { firehoseArn, partsOfArn } from "../../iam/resources-elsewhere.js";
import type { Graph } from "../../program/graph.js";
import { readInput, unknownOperation, validationError } from "../input.js";
import { ServiceError } from "../service-error.js";
import { Recorder } from "./recorder.js";

const putRecord = z.object({
  DeliveryStreamName: z.string().min(1).max(64),
  Record: z.object({ Data: z.string() }),
});

/** Before base64: docs.aws.amazon.com/firehose/latest/APIReference/API_PutRecord.html */
const mostBytes = 1_024_000;

/** Firehose: takes records of the program's streams and of those that its roles may use. */
export class Firehose {
  readonly received: Recorder<Buffer>;

  constructor(private readonly graph: Graph) {
    this.received = new Recorder(graph, "firehose");
  }

  /** @throws ServiceError for what Firehose would refuse */
  handle(operation: string, input: unknown, principal: Principal): unknown {
    if (operation !== "PutRecord") throw unknownOperation("Firehose", operation);
    const { DeliveryStreamName, Record } = readInput(putRecord, input);
    const arn = firehoseArn(this.graph, DeliveryStreamName);
    if (!this.received.has(arn)) {
      throw new ServiceError(
        "ResourceNotFoundException",
        `Firehose ${DeliveryStreamName} under account ${partsOfArn(arn).account} not found.`,
      );
    }
    const data = Buffer.from(Record.Data, "base64");
    if (data.length > mostBytes) {
      throw validationError(
        `Value at 'record.data' failed to satisfy constraint: Member must have length less than or equal to ${mostBytes}`,
      );
    }
    this.received.add(arn, principal, data);
    return { RecordId: randomBytes(32).toString("base64"), Encrypted: false };
  }
}
