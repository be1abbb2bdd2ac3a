import type * as pulumi from "@pulumi/pulumi";
import { SqsIngestApi, type SqsIngestApiArgs } from "./sqs-ingest-api.js";
import { SqsIngestHttpApi, type SqsIngestHttpApiArgs } from "./sqs-ingest-http-api.js";

/** Which flavour of API Gateway takes the webhooks, with what that one is told. */
export type FrontDoorArgs =
  | ({ readonly kind: "rest" } & SqsIngestApiArgs)
  | ({ readonly kind: "http" } & SqsIngestHttpApiArgs);

/** The REST API, or the HTTP API for those who take its limits for its price (docs/http-api.md). */
export function createFrontDoor(
  name: string,
  args: FrontDoorArgs,
  opts?: pulumi.ComponentResourceOptions,
): SqsIngestApi | SqsIngestHttpApi {
  return args.kind === "http" ? new SqsIngestHttpApi(name, args, opts) : new SqsIngestApi(name, args, opts);
}
