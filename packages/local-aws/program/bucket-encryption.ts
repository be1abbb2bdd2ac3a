import { type Graph, type GraphResource, resourcesOfType } from "./graph.js";

/** How a bucket encrypts what is put into it. */
export interface BucketEncryption {
  /** As in `x-amz-server-side-encryption`. */
  readonly algorithm: string;
  /** ARN, id or alias of the KMS key; absent where S3 encrypts with keys of its own. */
  readonly key?: string;
}

/** A bucket's default encryption; S3 encrypts with keys of its own where the program says nothing. */
export function bucketEncryption(graph: Graph, { id, state }: GraphResource): BucketEncryption {
  const configuration = resourcesOfType(
    graph,
    "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration",
  ).find(({ inputs }) => [id, state.bucket].includes(inputs.bucket));
  const [rule] = (configuration?.inputs.rules ?? []) as {
    applyServerSideEncryptionByDefault?: { sseAlgorithm?: string; kmsMasterKeyId?: string };
  }[];
  const { sseAlgorithm: algorithm = "AES256", kmsMasterKeyId } =
    rule?.applyServerSideEncryptionByDefault ?? {};
  // Without a key of the customer's it is the one that AWS manages for S3 in the account.
  return algorithm === "AES256" ? { algorithm } : { algorithm, key: kmsMasterKeyId ?? "alias/aws/s3" };
}
