import { randomUUID } from "node:crypto";
import { arnOf } from "../iam/graph-policies.js";
import { secretArn } from "../iam/required-access.js";
import { type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { ServiceError } from "./service-error.js";

interface Version {
  readonly id: string;
  readonly createdAt: number;
  readonly text?: string | undefined;
  /** Base64. */
  readonly binary?: string | undefined;
  stages: readonly string[];
}

/** Secrets Manager for the program's secrets. Values live in memory and are gone when the pipeline stops. */
export class SecretsManager {
  readonly #versions = new Map<string, Version[]>();

  constructor(private readonly graph: Graph) {
    for (const version of resourcesOfType(graph, "aws:secretsmanager/secretVersion:SecretVersion")) {
      const { secretId, secretString, secretBinary } = version.inputs;
      this.#put(secretArn(graph, String(secretId)), text(secretString), text(secretBinary));
    }
  }

  handle(operation: string, input: Readonly<Record<string, unknown>>): unknown {
    const secret = this.#secret(input.SecretId);
    const arn = arnOf(secret);
    const name = String(secret.state.name);
    switch (operation) {
      case "GetSecretValue": {
        const stage = text(input.VersionStage) ?? "AWSCURRENT";
        const version = this.#find(arn, stage, text(input.VersionId));
        return {
          ARN: arn,
          Name: name,
          VersionId: version.id,
          SecretString: version.text,
          SecretBinary: version.binary,
          VersionStages: version.stages,
          CreatedDate: version.createdAt / 1000,
        };
      }
      case "PutSecretValue": {
        const { SecretString, SecretBinary, ClientRequestToken } = input;
        if ((SecretString === undefined) === (SecretBinary === undefined)) {
          throw new ServiceError(
            "InvalidParameterException",
            "You must provide either SecretString or SecretBinary.",
          );
        }
        const version = this.#put(arn, text(SecretString), text(SecretBinary), text(ClientRequestToken));
        return { ARN: arn, Name: name, VersionId: version.id, VersionStages: version.stages };
      }
      case "DescribeSecret": {
        const versions = this.#versions.get(arn) ?? [];
        return {
          ARN: arn,
          Name: name,
          Description: secret.inputs.description,
          KmsKeyId: secret.inputs.kmsKeyId,
          VersionIdsToStages: Object.fromEntries(versions.map(({ id, stages }) => [id, stages])),
        };
      }
      default:
        throw new ServiceError(
          "UnknownOperationException",
          `Secrets Manager on this machine has no ${operation}`,
        );
    }
  }

  #secret(id: unknown): GraphResource {
    const arn = secretArn(this.graph, String(id));
    const secret = resourcesOfType(this.graph, "aws:secretsmanager/secret:Secret").find(
      (each) => arnOf(each) === arn,
    );
    if (secret !== undefined) return secret;
    throw new ServiceError("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  }

  #find(arn: string, stage: string, id: string | undefined): Version {
    const version = this.#versions
      .get(arn)
      ?.find((each) => (id === undefined ? each.stages.includes(stage) : each.id === id));
    if (version !== undefined) return version;
    throw new ServiceError(
      "ResourceNotFoundException",
      `Secrets Manager can't find the specified secret value for staging label: ${stage}`,
    );
  }

  /** The new version is current; the one before it stays as AWSPREVIOUS. */
  #put(arn: string, value?: string, binary?: string, token?: string): Version {
    const versions = this.#versions.get(arn) ?? [];
    for (const version of versions) {
      version.stages = version.stages.includes("AWSCURRENT") ? ["AWSPREVIOUS"] : [];
    }
    const version = {
      id: token ?? randomUUID(),
      createdAt: Date.now(),
      text: value,
      binary,
      stages: ["AWSCURRENT"],
    };
    this.#versions.set(arn, [version, ...versions.filter(({ stages }) => stages.length > 0)]);
    return version;
  }
}

function text(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}
