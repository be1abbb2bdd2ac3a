import { randomUUID } from "node:crypto";
import { z } from "zod";
import { secretArn } from "../iam/required-access.js";
import { arnOf, type Graph, type GraphResource, resourcesOfType } from "../program/graph.js";
import { readInputOr, unknownOperation, validationError } from "./input.js";
import { isFound, listSecretsInput, sortedSecrets } from "./listed-secrets.js";
import { pageOf } from "./paging.js";
import { randomPassword } from "./random-password.js";
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
  GetSecretValue: z.strictObject({
    SecretId: secretId,
    VersionId: versionId.optional(),
    VersionStage: stage.optional(),
  }),
  PutSecretValue: z.strictObject({
    SecretId: secretId,
    ClientRequestToken: versionId.optional(),
    SecretString: z.string().min(1).optional(),
    SecretBinary: z.string().min(1).optional(),
    VersionStages: z.array(stage).min(1).max(20).optional(),
  }),
  DescribeSecret: z.strictObject({ SecretId: secretId }),
  ListSecrets: listSecretsInput,
  ListSecretVersionIds: z.strictObject({
    SecretId: secretId,
    MaxResults: z.int().min(1).max(100).default(100),
    NextToken: z.string().min(1).max(4_096).optional(),
    IncludeDeprecated: z.boolean().default(false),
  }),
  UpdateSecretVersionStage: z.strictObject({
    SecretId: secretId,
    VersionStage: stage,
    RemoveFromVersionId: versionId.optional(),
    MoveToVersionId: versionId.optional(),
  }),
  GetRandomPassword: z.strictObject({
    PasswordLength: z.int().min(1).max(4_096).default(32),
    ExcludeCharacters: z.string().max(4_096).default(""),
    ExcludeNumbers: z.boolean().default(false),
    ExcludePunctuation: z.boolean().default(false),
    ExcludeUppercase: z.boolean().default(false),
    ExcludeLowercase: z.boolean().default(false),
    IncludeSpace: z.boolean().default(false),
    RequireEachIncludedType: z.boolean().default(true),
  }),
} as const;

type Operation = keyof typeof inputs;

/** The operations of Secrets Manager that this machine has. */
export const secretsOperations: readonly string[] = Object.keys(inputs);

type Input<Name extends Operation> = z.output<(typeof inputs)[Name]>;

/** Secrets Manager for the program's secrets. Values live in memory and are gone when the process ends. */
export class SecretsManager {
  /** By the secret's ARN, newest first. */
  readonly #versions = new Map<string, readonly Version[]>();
  /** Stands for the time at which secrets were made. */
  readonly #startedAt = Date.now();

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
      case "ListSecrets":
        return this.#list(checked("ListSecrets", input));
      case "ListSecretVersionIds":
        return this.#listVersions(checked("ListSecretVersionIds", input));
      case "UpdateSecretVersionStage":
        return this.#moveStage(checked("UpdateSecretVersionStage", input));
      case "GetRandomPassword":
        return { RandomPassword: randomPassword(checked("GetRandomPassword", input)) };
      default:
        throw unknownOperation("Secrets Manager", operation);
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
      throw invalidParameter("You must provide either SecretString or SecretBinary.");
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
    return { ...this.#members(secret), VersionIdsToStages: this.#stages(secret) };
  }

  #list(asked: Input<"ListSecrets">): unknown {
    const secrets = resourcesOfType(this.graph, "aws:secretsmanager/secret:Secret");
    const found = sortedSecrets(
      secrets.filter((secret) => asked.Filters.every((filter) => isFound(secret, filter))),
      asked,
      (secret) => this.#changedAt(secret),
    );
    const { items, next } = pageOf(found, asked.MaxResults, asked.NextToken, invalidToken);
    return {
      SecretList: items.map((secret) => ({
        ...this.#members(secret),
        SecretVersionsToStages: this.#stages(secret),
      })),
      NextToken: next,
    };
  }

  #listVersions({
    SecretId,
    MaxResults,
    NextToken,
    IncludeDeprecated,
  }: Input<"ListSecretVersionIds">): unknown {
    const secret = this.#secret(SecretId);
    const versions = this.#versionsOf(secret).filter(({ stages }) => IncludeDeprecated || stages.length > 0);
    const { items, next } = pageOf(versions, MaxResults, NextToken, invalidToken);
    return {
      ...namesOf(secret),
      Versions: items.map(({ id, stages, createdAt }) => ({
        VersionId: id,
        ...(stages.length === 0 ? {} : { VersionStages: stages }),
        CreatedDate: createdAt / 1000,
        KmsKeyIds: [secret.inputs.kmsKeyId ?? "DefaultEncryptionKey"],
      })),
      NextToken: next,
    };
  }

  /** docs.aws.amazon.com/secretsmanager/latest/apireference/API_UpdateSecretVersionStage.html */
  #moveStage(input: Input<"UpdateSecretVersionStage">): unknown {
    const { VersionStage, RemoveFromVersionId: from, MoveToVersionId: to } = input;
    const secret = this.#secret(input.SecretId);
    const versions = this.#versionsOf(secret);
    for (const id of [from, to]) {
      if (id === undefined || versions.some((version) => version.id === id)) continue;
      throw new ServiceError(
        "ResourceNotFoundException",
        `Secrets Manager can't find the specified secret value for VersionId: ${id}`,
      );
    }
    const holder = versions.find(({ stages }) => stages.includes(VersionStage));
    if (from === undefined && to === undefined) {
      throw invalidParameter("You must provide MoveToVersionId, RemoveFromVersionId, or both.");
    }
    if (holder !== undefined && holder.id !== to && holder.id !== from) {
      throw invalidParameter(
        `The parameter RemoveFromVersionId can't be empty. Staging label ${VersionStage} is currently attached to version ${holder.id}, so you must explicitly reference that version in RemoveFromVersionId.`,
      );
    }
    if (from !== undefined && holder?.id !== from) {
      throw invalidParameter(`The staging label ${VersionStage} is not attached to version ${from}.`);
    }
    if (VersionStage === "AWSCURRENT" && to === undefined) {
      throw invalidParameter("You can only move staging label AWSCURRENT to a different secret version.");
    }
    this.#versions.set(arnOf(secret), moved(versions, VersionStage, to));
    return namesOf(secret);
  }

  #members(secret: GraphResource): object {
    const tags = (secret.inputs.tagsAll ?? secret.inputs.tags ?? {}) as Record<string, string>;
    const changedAt = this.#changedAt(secret);
    return {
      ...namesOf(secret),
      Description: secret.inputs.description,
      KmsKeyId: secret.inputs.kmsKeyId,
      CreatedDate: this.#startedAt / 1000,
      ...(changedAt === undefined ? {} : { LastChangedDate: changedAt / 1000 }),
      Tags: Object.entries(tags).map(([Key, Value]) => ({ Key, Value })),
    };
  }

  #changedAt(secret: GraphResource): number | undefined {
    return this.#versionsOf(secret)[0]?.createdAt;
  }

  #versionsOf(secret: GraphResource): readonly Version[] {
    return this.#versions.get(arnOf(secret)) ?? [];
  }

  #stages(secret: GraphResource): Record<string, readonly string[]> {
    const labelled = this.#versionsOf(secret).filter(({ stages }) => stages.length > 0);
    return Object.fromEntries(labelled.map(({ id, stages }) => [id, stages]));
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
  throw validationError(`a secret has at most ${longestSecretBytes} bytes, this one ${bytes}`);
}

function checked<Name extends Operation>(operation: Name, input: unknown): Input<Name> {
  return readInputOr(inputs[operation], input, validationError) as Input<Name>;
}

/** The versions with a label on one of them, or on none. The one that was current before becomes the previous one. */
function moved(versions: readonly Version[], label: string, to: string | undefined): Version[] {
  const wasCurrent = versions.find(({ stages }) => stages.includes("AWSCURRENT"));
  const replaces = label === "AWSCURRENT" && wasCurrent?.id !== to;
  return versions.map((version) => {
    const gone = new Set(replaces ? [label, "AWSPREVIOUS"] : [label]);
    return {
      ...version,
      stages: [
        ...version.stages.filter((each) => !gone.has(each)),
        ...(version.id === to ? [label] : []),
        ...(replaces && version === wasCurrent ? ["AWSPREVIOUS"] : []),
      ],
    };
  });
}

const invalidParameter = (message: string) => new ServiceError("InvalidParameterException", message);
const invalidToken = () =>
  new ServiceError("InvalidNextTokenException", "Invalid next token, try to list again from the start.");
