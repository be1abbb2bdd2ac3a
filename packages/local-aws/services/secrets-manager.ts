import { randomUUID } from "node:crypto";
import { z } from "zod";
import { secretArn } from "../iam/required-access.js";
import { arnOf, type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { ServiceError } from "./service-error.js";

interface Version {
  readonly id: string;
  readonly createdAt: number;
  readonly text?: string | undefined;
  /** Base64. */
  readonly binary?: string | undefined;
  readonly stages: readonly string[];
}

/** What a secret may be, in bytes. */
const longestSecretBytes = 65_536;

/** Versions kept of a secret, the newest: as many as Secrets Manager keeps of those that are older than a day. */
const keptVersions = 100;

const secretId = z.string().min(1).max(2_048);
const versionId = z.string().min(32).max(64);
const stage = z.string().min(1).max(256);

/** Lengths as in AWS's API model of Secrets Manager (2017-10-17). */
const inputs = {
  GetSecretValue: z.object({
    SecretId: secretId,
    VersionId: versionId.optional(),
    VersionStage: stage.optional(),
  }),
  PutSecretValue: z.object({
    SecretId: secretId,
    ClientRequestToken: versionId.optional(),
    SecretString: z.string().min(1).optional(),
    SecretBinary: z.string().min(1).optional(),
    VersionStages: z.array(stage).min(1).max(20).optional(),
  }),
  DescribeSecret: z.object({ SecretId: secretId }),
} as const;

type Operation = keyof typeof inputs;
type Input<Name extends Operation> = z.infer<(typeof inputs)[Name]>;

/** Secrets Manager for the program's secrets. Values live in memory and are gone when the process ends. */
export class SecretsManager {
  /** By the secret's ARN, newest first. */
  readonly #versions = new Map<string, readonly Version[]>();

  constructor(private readonly graph: Graph) {
    for (const version of resourcesOfType(graph, "aws:secretsmanager/secretVersion:SecretVersion")) {
      const { secretId: id, secretString, secretBinary } = version.inputs;
      this.#add(secretArn(graph, String(id)), {
        id: randomUUID(),
        createdAt: Date.now(),
        text: typeof secretString === "string" ? secretString : undefined,
        binary: typeof secretBinary === "string" ? secretBinary : undefined,
        stages: ["AWSCURRENT"],
      });
    }
  }

  /** @throws ServiceError for what Secrets Manager would refuse */
  handle(operation: string, input: Readonly<Record<string, unknown>>): unknown {
    switch (operation) {
      case "GetSecretValue":
        return this.#get(checked("GetSecretValue", input));
      case "PutSecretValue":
        return this.#put(checked("PutSecretValue", input));
      case "DescribeSecret":
        return this.#describe(checked("DescribeSecret", input));
      default:
        throw new ServiceError(
          "UnknownOperationException",
          `Secrets Manager on this machine has no ${operation}`,
        );
    }
  }

  #get({ SecretId, VersionId, VersionStage }: Input<"GetSecretValue">): unknown {
    const secret = this.#secret(SecretId);
    const version = this.#find(arnOf(secret), VersionId, VersionStage);
    return {
      ...namesOf(secret),
      VersionId: version.id,
      SecretString: version.text,
      SecretBinary: version.binary,
      VersionStages: version.stages,
      CreatedDate: version.createdAt / 1000,
    };
  }

  #put(input: Input<"PutSecretValue">): unknown {
    const { ClientRequestToken: id, SecretString: text, SecretBinary: binary, VersionStages } = input;
    const secret = this.#secret(input.SecretId);
    // The SDKs and the CLI make one up; a plain HTTP call has to bring it.
    if (id === undefined) {
      throw new ServiceError(
        "InvalidRequestException",
        "You must provide a ClientRequestToken value. We recommend a UUID-type value.",
      );
    }
    if ((text === undefined) === (binary === undefined)) {
      throw new ServiceError(
        "InvalidParameterException",
        "You must provide either SecretString or SecretBinary.",
      );
    }
    checkLength(text, binary);

    const arn = arnOf(secret);
    const version = { id, createdAt: Date.now(), text, binary, stages: VersionStages ?? ["AWSCURRENT"] };
    const existing = this.#versions.get(arn)?.find((each) => each.id === id);
    if (existing !== undefined && (existing.text !== text || existing.binary !== binary)) {
      throw new ServiceError(
        "ResourceExistsException",
        `You can't use ClientRequestToken ${id} because that value is already in use for a version of secret ${arn}.`,
      );
    }
    const { stages } = existing ?? this.#add(arn, version);
    return { ...namesOf(secret), VersionId: id, VersionStages: stages };
  }

  #describe({ SecretId }: Input<"DescribeSecret">): unknown {
    const secret = this.#secret(SecretId);
    const labelled = (this.#versions.get(arnOf(secret)) ?? []).filter(({ stages }) => stages.length > 0);
    return {
      ...namesOf(secret),
      Description: secret.inputs.description,
      KmsKeyId: secret.inputs.kmsKeyId,
      VersionIdsToStages: Object.fromEntries(labelled.map(({ id, stages }) => [id, stages])),
    };
  }

  #secret(id: string): GraphResource {
    const arn = secretArn(this.graph, id);
    const secret = resourcesOfType(this.graph, "aws:secretsmanager/secret:Secret").find(
      (each) => arnOf(each) === arn,
    );
    if (secret !== undefined) return secret;
    throw new ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  }

  #find(arn: string, id: string | undefined, label: string | undefined): Version {
    const versions = this.#versions.get(arn) ?? [];
    const wanted = label ?? "AWSCURRENT";
    const version = versions.find((each) =>
      id === undefined ? each.stages.includes(wanted) : each.id === id,
    );
    if (version === undefined) {
      const which = id === undefined ? `staging label: ${wanted}` : `VersionId: ${id}`;
      throw new ServiceError(
        "ResourceNotFoundException",
        `Secrets Manager can't find the specified secret value for ${which}`,
      );
    }
    if (label !== undefined && !version.stages.includes(label)) {
      throw new ServiceError(
        "InvalidRequestException",
        "You provided a VersionStage that is not associated to the provided VersionId.",
      );
    }
    return version;
  }

  /** A label is on one version at a time. The version that was current before keeps the label AWSPREVIOUS. */
  #add(arn: string, version: Version): Version {
    const earlier = this.#versions.get(arn) ?? [];
    const added =
      earlier.length === 0
        ? { ...version, stages: [...new Set([...version.stages, "AWSCURRENT"])] }
        : version;
    const moved = new Set(added.stages);
    const wasCurrent = earlier.find(({ stages }) => stages.includes("AWSCURRENT"));
    const replaced = moved.has("AWSCURRENT") && wasCurrent !== undefined;
    if (replaced) moved.add("AWSPREVIOUS");
    const left = earlier.map((each) => ({
      ...each,
      stages: [
        ...each.stages.filter((label) => !moved.has(label)),
        ...(replaced && each === wasCurrent ? ["AWSPREVIOUS"] : []),
      ],
    }));
    this.#versions.set(arn, [added, ...left].slice(0, keptVersions));
    return added;
  }
}

function namesOf(secret: GraphResource): { ARN: string; Name: string } {
  return { ARN: arnOf(secret), Name: String(secret.state.name) };
}

function checkLength(text: string | undefined, binary: string | undefined): void {
  const bytes = text === undefined ? Buffer.byteLength(binary ?? "", "base64") : Buffer.byteLength(text);
  if (bytes <= longestSecretBytes) return;
  throw invalid(`a secret has at most ${longestSecretBytes} bytes, this one ${bytes}`);
}

function checked<Name extends Operation>(operation: Name, input: unknown): Input<Name> {
  const result = inputs[operation].safeParse(input);
  if (result.success) return result.data as Input<Name>;
  const [issue] = result.error.issues;
  throw invalid(`${issue?.path.join(".")}: ${issue?.message}`);
}

function invalid(why: string): ServiceError {
  return new ServiceError("ValidationException", `1 validation error detected: ${why}`);
}
