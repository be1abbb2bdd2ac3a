import { Key } from "@pulumi/aws/kms/key.js";
import * as pulumi from "@pulumi/pulumi";
import {
  currentAccountId,
  currentDnsSuffix,
  currentPartition,
  currentRegion,
  policyDocument,
  type Statement,
} from "./support/iam.js";

/** Arguments of {@link EncryptionKey}. */
export interface EncryptionKeyArgs {
  /** Tags of the key. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * A KMS key of this stack, rotated every year. An alarm cannot publish to a topic that is encrypted with the key that
 * AWS manages: that key's policy does not allow CloudWatch, and nobody is told that the action failed (AWS fact 5.6).
 * This key's policy allows it.
 *
 * @example
 * ```ts
 * const key = new EncryptionKey("webhooks", { tags: {} });
 * new DlqAlarms("webhooks", { topicKeyArn: key.arn, ... });
 * ```
 */
export class EncryptionKey extends pulumi.ComponentResource {
  readonly key: Key;
  readonly arn: pulumi.Output<string>;

  constructor(name: string, args: EncryptionKeyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("webhooks:index:EncryptionKey", name, {}, opts);

    const place: Place = {
      partition: currentPartition(this),
      dnsSuffix: currentDnsSuffix(this),
      region: currentRegion(this),
      accountId: currentAccountId(this),
    };
    this.key = new Key(
      `${name}-key`,
      {
        description: "Encrypts what the webhook pipeline keeps",
        enableKeyRotation: true,
        // After the deletion, everything that the key encrypted is lost. Until then the deletion can be cancelled. This
        // is the longest time that KMS allows.
        deletionWindowInDays: 30,
        policy: policyDocument([useByAccount(place), useByAlarms(place), useByLogs(place)]),
        tags: args.tags,
      },
      { parent: this },
    );

    this.arn = this.key.arn;
    this.registerOutputs({ arn: this.arn });
  }
}

/** Where the key is. */
interface Place {
  readonly partition: pulumi.Input<string>;
  readonly dnsSuffix: pulumi.Input<string>;
  readonly region: pulumi.Input<string>;
  readonly accountId: pulumi.Input<string>;
}

// In a key's policy the resource is the key itself, and AWS accepts only "*" for it:
// docs.aws.amazon.com/kms/latest/developerguide/key-policy-overview.html
const thisKey = "*";

/** Lets the account's IAM policies decide who may use or manage the key. */
function useByAccount({ partition, accountId }: Place): Statement {
  return {
    Sid: "AccountPolicies",
    Principal: { AWS: pulumi.interpolate`arn:${partition}:iam::${accountId}:root` },
    Action: [
      "kms:CancelKeyDeletion",
      "kms:CreateGrant",
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:DisableKey",
      "kms:DisableKeyRotation",
      "kms:EnableKey",
      "kms:EnableKeyRotation",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:GetKeyPolicy",
      "kms:GetKeyRotationStatus",
      "kms:ListGrants",
      "kms:ListKeyPolicies",
      "kms:ListResourceTags",
      "kms:PutKeyPolicy",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
      "kms:RetireGrant",
      "kms:RevokeGrant",
      "kms:ScheduleKeyDeletion",
      "kms:TagResource",
      "kms:UntagResource",
      "kms:UpdateKeyDescription",
    ],
    Resource: thisKey,
  };
}

function useByAlarms({ accountId }: Place): Statement {
  return {
    Sid: "CloudWatchAlarms",
    Principal: { Service: "cloudwatch.amazonaws.com" },
    Action: ["kms:Decrypt", "kms:GenerateDataKey"],
    Resource: thisKey,
    Condition: { StringEquals: { "aws:SourceAccount": accountId } },
  };
}

/**
 * docs.aws.amazon.com/AmazonCloudWatch/latest/logs/encrypt-log-data-kms.html. Of the services named in policies here this is
 * the one whose name ends in the partition's own suffix:
 * github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/region-info/lib/default.ts
 */
function useByLogs({ partition, dnsSuffix, region, accountId }: Place): Statement {
  return {
    Sid: "CloudWatchLogs",
    Principal: { Service: pulumi.interpolate`logs.${region}.${dnsSuffix}` },
    Action: [
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ],
    Resource: thisKey,
    Condition: {
      ArnLike: {
        "kms:EncryptionContext:aws:logs:arn": pulumi.interpolate`arn:${partition}:logs:${region}:${accountId}:log-group:*`,
      },
    },
  };
}
