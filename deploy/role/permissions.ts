/** What somebody who deploys a stage needs of AWS: the table from which docs/deploying/deploy-role.json is written. */

import type { Condition } from "../../ops/policy/policy-document.js";

/** The stage that the policies are written for, in the words of the stage's file `Pulumi.dev.yaml`. */
export const place = {
  account: "123456789012",
  region: "eu-west-1",
  /** Pulumi ends each name with characters of its own, so this is what the names begin with. */
  pipeline: "webhooks",
  project: "webhook-pipeline",
  /** The value of the tag `stage`. It tells whose a resource is that has no name. */
  stage: "dev",
} as const;

/** Permissions on the same resources under the same conditions. */
export interface Grant {
  /** Letters and digits. */
  readonly sid: string;
  /** Actions that a preview takes as well; each only reads. `sqs:GetQueueAttributes` */
  readonly preview?: readonly string[];
  /** Actions that only a deployment takes. */
  readonly deploy?: readonly string[];
  readonly resources: readonly string[];
  readonly condition?: Condition;
  /**
   * Why actions among these are allowed that no recorded life of a stage has needed: it knows the calls that the AWS provider
   * makes of an emulator, and AWS itself and newer providers ask for more.
   */
  readonly unrecorded?: Readonly<Record<string, string>>;
}

const { account, region, pipeline, project, stage } = place;

const arn = (service: string, resource: string) => `arn:aws:${service}:${region}:${account}:${resource}`;
const gateway = (path: string) => `arn:aws:apigateway:${region}::${path}`;
const role = `arn:aws:iam::${account}:role/${pipeline}*`;

/** The same reason for several actions. */
function because(reason: string, ...actions: readonly string[]): Readonly<Record<string, string>> {
  return Object.fromEntries(actions.map((action) => [action, reason]));
}

const tagsChange =
  "webhook-pipeline:tags may change; the emulator cannot change those of an API, so no recorded life does";
const keyChanges = "webhook-pipeline:encryption may change, which no recorded life does";
/** docs.aws.amazon.com/apigateway/latest/developerguide/http-api-logging.html */
const httpApiLogs = "AWS asks for it when an HTTP API gets an access log";
/** docs.aws.amazon.com/eventbridge/latest/userguide/eb-use-identity-based.html */
const connectionSecret =
  "EventBridge keeps the canary's token in a secret of its own, in the name of who makes the connection";
const sendsCanary =
  "npm run deploy -- up sends a stage's canary and waits for it; a stage in the emulator has no front door";
const noSuchAlarms = "the emulator has neither composite alarms nor chat channels";
/** github.com/hashicorp/terraform-provider-aws/pull/45251 */
const bucketTags = "newer AWS providers give a bucket its tags as it is made, and read them so";

/** AWS gives these an id instead of a name. */
const ofThisStage: Condition = { StringEquals: { "aws:ResourceTag/stage": stage } };
const madeForThisStage: Condition = { StringEquals: { "aws:RequestTag/stage": stage } };
/** What is just being made has no tags yet. What another stage has made stays closed. */
const ofNoOtherStage: Condition = { StringEqualsIfExists: { "aws:ResourceTag/stage": stage } };
const ofThisStagesFunctions: Condition = {
  ArnLike: { "lambda:FunctionArn": arn("lambda", `function:${pipeline}*`) },
};

/** What a stage keeps: queues, history, secrets, keys. */
const data: readonly Grant[] = [
  { sid: "Account", preview: ["sts:GetCallerIdentity"], resources: ["*"] },
  {
    sid: "Queues",
    preview: ["sqs:GetQueueAttributes", "sqs:ListQueueTags"],
    deploy: [
      "sqs:CreateQueue",
      "sqs:DeleteQueue",
      "sqs:GetQueueUrl",
      "sqs:SetQueueAttributes",
      "sqs:TagQueue",
      "sqs:UntagQueue",
    ],
    resources: [arn("sqs", `${pipeline}*`)],
    unrecorded: because(tagsChange, "sqs:UntagQueue"),
  },
  {
    sid: "History",
    preview: [
      "dynamodb:DescribeContinuousBackups",
      "dynamodb:DescribeTable",
      "dynamodb:DescribeTimeToLive",
      "dynamodb:ListTagsOfResource",
    ],
    deploy: [
      "dynamodb:CreateTable",
      "dynamodb:DeleteTable",
      "dynamodb:TagResource",
      "dynamodb:UntagResource",
      "dynamodb:UpdateContinuousBackups",
      "dynamodb:UpdateTable",
      "dynamodb:UpdateTimeToLive",
    ],
    resources: [arn("dynamodb", `table/${pipeline}*`)],
    unrecorded: because(tagsChange, "dynamodb:UntagResource"),
  },
  {
    sid: "FindCanary",
    deploy: ["dynamodb:GetItem", "dynamodb:Query"],
    resources: [arn("dynamodb", `table/${pipeline}*`)],
    unrecorded: because(sendsCanary, "dynamodb:Query"),
  },
  {
    // A canary's source that has another name needs its own here.
    sid: "SignCanary",
    deploy: ["secretsmanager:GetSecretValue"],
    resources: [arn("secretsmanager", `secret:${pipeline}-canary*`)],
    unrecorded: because(sendsCanary, "secretsmanager:GetSecretValue"),
  },
  {
    sid: "Overflow",
    preview: [
      "s3:GetAccelerateConfiguration",
      "s3:GetBucketAcl",
      "s3:GetBucketCORS",
      "s3:GetBucketLogging",
      "s3:GetBucketObjectLockConfiguration",
      "s3:GetBucketOwnershipControls",
      "s3:GetBucketPolicy",
      "s3:GetBucketPublicAccessBlock",
      "s3:GetBucketRequestPayment",
      "s3:GetBucketTagging",
      "s3:GetBucketVersioning",
      "s3:GetBucketWebsite",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:GetReplicationConfiguration",
      "s3:ListBucket",
      "s3:ListTagsForResource",
    ],
    deploy: [
      "s3:CreateBucket",
      "s3:DeleteBucket",
      "s3:DeleteBucketPolicy",
      "s3:ListBucketVersions",
      "s3:PutBucketOwnershipControls",
      "s3:PutBucketPolicy",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketTagging",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
      "s3:TagResource",
      "s3:UntagResource",
    ],
    resources: [`arn:aws:s3:::${pipeline}*`],
    unrecorded: {
      ...because(bucketTags, "s3:ListTagsForResource", "s3:TagResource", "s3:UntagResource"),
      ...because("npm run deploy -- destroy looks whether a bucket is empty", "s3:ListBucketVersions"),
    },
  },
  {
    sid: "Secrets",
    preview: ["secretsmanager:DescribeSecret", "secretsmanager:GetResourcePolicy"],
    deploy: [
      "secretsmanager:CreateSecret",
      "secretsmanager:DeleteSecret",
      "secretsmanager:TagResource",
      "secretsmanager:UntagResource",
      "secretsmanager:UpdateSecret",
    ],
    resources: [arn("secretsmanager", `secret:${pipeline}*`)],
    unrecorded: {
      ...because(tagsChange, "secretsmanager:UntagResource"),
      ...because(keyChanges, "secretsmanager:UpdateSecret"),
    },
  },
  {
    sid: "ReadKeys",
    preview: ["kms:DescribeKey", "kms:GetKeyPolicy", "kms:GetKeyRotationStatus", "kms:ListResourceTags"],
    resources: [arn("kms", "key/*")],
  },
  { sid: "MakeKeys", deploy: ["kms:CreateKey"], resources: ["*"], condition: madeForThisStage },
  {
    sid: "BeginKeys",
    deploy: ["kms:EnableKeyRotation", "kms:PutKeyPolicy", "kms:TagResource"],
    resources: [arn("kms", "key/*")],
    condition: ofNoOtherStage,
  },
  {
    // These services use a customer key in the name of who makes or reads what they encrypt with it.
    sid: "UseKeys",
    deploy: [
      "kms:CreateGrant",
      "kms:Decrypt",
      "kms:DescribeKey",
      "kms:Encrypt",
      "kms:GenerateDataKey",
      "kms:GenerateDataKeyWithoutPlaintext",
      "kms:ReEncryptFrom",
      "kms:ReEncryptTo",
    ],
    resources: [arn("kms", "key/*")],
    condition: {
      StringEquals: {
        "kms:ViaService": ["dynamodb", "lambda", "secretsmanager"].map(
          (service) => `${service}.${region}.amazonaws.com`,
        ),
      },
      ...ofNoOtherStage,
    },
  },
  {
    sid: "ChangeKeys",
    deploy: ["kms:ScheduleKeyDeletion", "kms:UntagResource"],
    resources: [arn("kms", "key/*")],
    condition: ofThisStage,
    unrecorded: because(tagsChange, "kms:UntagResource"),
  },
];

/** What a stage runs and watches: functions, logs, alarms, their roles. */
const processing: readonly Grant[] = [
  {
    sid: "Functions",
    preview: ["lambda:GetFunction", "lambda:GetFunctionCodeSigningConfig", "lambda:ListVersionsByFunction"],
    deploy: [
      "lambda:CreateFunction",
      "lambda:DeleteFunction",
      "lambda:TagResource",
      "lambda:UntagResource",
      "lambda:UpdateFunctionCode",
      "lambda:UpdateFunctionConfiguration",
    ],
    resources: [arn("lambda", `function:${pipeline}*`)],
    unrecorded: because(tagsChange, "lambda:UntagResource"),
  },
  {
    sid: "EventSourceMappings",
    preview: ["lambda:GetEventSourceMapping"],
    deploy: ["lambda:DeleteEventSourceMapping", "lambda:UpdateEventSourceMapping"],
    resources: [arn("lambda", "event-source-mapping:*")],
    condition: ofThisStagesFunctions,
  },
  {
    sid: "MakeEventSourceMappings",
    deploy: ["lambda:CreateEventSourceMapping"],
    resources: ["*"],
    condition: ofThisStagesFunctions,
  },
  {
    sid: "ReadTagsOfEventSourceMappings",
    preview: ["lambda:ListTags"],
    resources: [arn("lambda", "event-source-mapping:*")],
  },
  {
    sid: "TagEventSourceMappings",
    deploy: ["lambda:TagResource", "lambda:UntagResource"],
    resources: [arn("lambda", "event-source-mapping:*")],
    condition: ofNoOtherStage,
    unrecorded: because(tagsChange, "lambda:UntagResource"),
  },
  {
    sid: "Roles",
    preview: ["iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies"],
    deploy: [
      "iam:CreateRole",
      "iam:DeleteRole",
      "iam:DeleteRolePolicy",
      "iam:ListInstanceProfilesForRole",
      "iam:PutRolePolicy",
      "iam:TagRole",
      "iam:UntagRole",
      "iam:UpdateAssumeRolePolicy",
    ],
    resources: [role],
    unrecorded: {
      ...because(tagsChange, "iam:UntagRole"),
      ...because("a newer program may let another service take a role", "iam:UpdateAssumeRolePolicy"),
    },
  },
  {
    sid: "AttachPolicies",
    deploy: ["iam:AttachRolePolicy", "iam:DetachRolePolicy"],
    resources: [role],
    condition: {
      ArnEquals: {
        "iam:PolicyARN": ["arn:aws:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"],
      },
    },
    unrecorded: because("a newer program may need the policy no longer", "iam:DetachRolePolicy"),
  },
  {
    sid: "PassRoles",
    deploy: ["iam:PassRole"],
    resources: [role],
    condition: {
      StringEquals: {
        "iam:PassedToService": ["apigateway", "chatbot", "events", "lambda"].map(
          (service) => `${service}.amazonaws.com`,
        ),
      },
    },
  },
  { sid: "FindLogGroups", preview: ["logs:DescribeLogGroups"], resources: ["*"] },
  {
    sid: "LogGroups",
    preview: ["logs:ListTagsForResource"],
    deploy: [
      "logs:CreateLogGroup",
      "logs:DeleteLogGroup",
      "logs:PutRetentionPolicy",
      "logs:TagResource",
      "logs:UntagResource",
    ],
    // API Gateway asks for the second form where it writes an HTTP API's log.
    resources: [pipeline, `/aws/vendedlogs/${pipeline}`].map((name) => arn("logs", `log-group:${name}*`)),
    unrecorded: because(tagsChange, "logs:UntagResource"),
  },
  {
    sid: "Topics",
    preview: ["sns:GetTopicAttributes", "sns:ListTagsForResource"],
    deploy: [
      "sns:CreateTopic",
      "sns:DeleteTopic",
      "sns:SetTopicAttributes",
      "sns:Subscribe",
      "sns:TagResource",
      "sns:UntagResource",
    ],
    resources: [arn("sns", `${pipeline}*`)],
    unrecorded: because(tagsChange, "sns:UntagResource"),
  },
  // AWS knows no resource for these.
  {
    sid: "Subscriptions",
    preview: ["sns:GetSubscriptionAttributes"],
    deploy: ["sns:Unsubscribe"],
    resources: ["*"],
  },
  {
    sid: "Alarms",
    preview: ["cloudwatch:DescribeAlarms", "cloudwatch:ListTagsForResource"],
    deploy: [
      "cloudwatch:DeleteAlarms",
      "cloudwatch:PutMetricAlarm",
      "cloudwatch:TagResource",
      "cloudwatch:UntagResource",
    ],
    resources: [arn("cloudwatch", `alarm:${pipeline}*`)],
    unrecorded: because(tagsChange, "cloudwatch:UntagResource"),
  },
  {
    sid: "Dashboard",
    preview: ["cloudwatch:GetDashboard"],
    deploy: ["cloudwatch:DeleteDashboards", "cloudwatch:PutDashboard"],
    resources: [`arn:aws:cloudwatch::${account}:dashboard/${project}-*`],
  },
  {
    sid: "Canary",
    preview: [
      "events:DescribeApiDestination",
      "events:DescribeConnection",
      "events:DescribeRule",
      "events:ListTagsForResource",
      "events:ListTargetsByRule",
    ],
    deploy: [
      "events:CreateApiDestination",
      "events:CreateConnection",
      "events:DeleteApiDestination",
      "events:DeleteConnection",
      "events:DeleteRule",
      "events:PutRule",
      "events:PutTargets",
      "events:RemoveTargets",
      "events:TagResource",
      "events:UntagResource",
      "events:UpdateApiDestination",
    ],
    resources: ["api-destination", "connection", "rule"].map((kind) => arn("events", `${kind}/${pipeline}*`)),
    unrecorded: {
      ...because(tagsChange, "events:UntagResource"),
      ...because("a stage may change its URL", "events:UpdateApiDestination"),
    },
  },
  {
    sid: "CanaryToken",
    deploy: [
      "secretsmanager:CreateSecret",
      "secretsmanager:DeleteSecret",
      "secretsmanager:DescribeSecret",
      "secretsmanager:PutSecretValue",
    ],
    resources: [arn("secretsmanager", "secret:events!connection/*")],
    unrecorded: because(
      connectionSecret,
      "secretsmanager:CreateSecret",
      "secretsmanager:DeleteSecret",
      "secretsmanager:DescribeSecret",
      "secretsmanager:PutSecretValue",
    ),
  },
  {
    sid: "Pages",
    deploy: ["cloudwatch:PutCompositeAlarm"],
    resources: [arn("cloudwatch", `alarm:${pipeline}*`)],
    unrecorded: because(noSuchAlarms, "cloudwatch:PutCompositeAlarm"),
  },
  {
    sid: "MakeChats",
    preview: [
      "chatbot:DescribeSlackChannelConfigurations",
      "chatbot:GetMicrosoftTeamsChannelConfiguration",
      "chatbot:ListTagsForResource",
    ],
    deploy: ["chatbot:CreateMicrosoftTeamsChannelConfiguration", "chatbot:CreateSlackChannelConfiguration"],
    resources: ["*"],
    unrecorded: because(
      noSuchAlarms,
      "chatbot:CreateMicrosoftTeamsChannelConfiguration",
      "chatbot:CreateSlackChannelConfiguration",
      "chatbot:DescribeSlackChannelConfigurations",
      "chatbot:GetMicrosoftTeamsChannelConfiguration",
      "chatbot:ListTagsForResource",
    ),
  },
  {
    sid: "ChangeChats",
    deploy: [
      "chatbot:DeleteMicrosoftTeamsChannelConfiguration",
      "chatbot:DeleteSlackChannelConfiguration",
      "chatbot:TagResource",
      "chatbot:UntagResource",
      "chatbot:UpdateMicrosoftTeamsChannelConfiguration",
      "chatbot:UpdateSlackChannelConfiguration",
    ],
    resources: [`arn:aws:chatbot::${account}:chat-configuration/*/${pipeline}*`],
    unrecorded: because(
      noSuchAlarms,
      "chatbot:DeleteMicrosoftTeamsChannelConfiguration",
      "chatbot:DeleteSlackChannelConfiguration",
      "chatbot:TagResource",
      "chatbot:UntagResource",
      "chatbot:UpdateMicrosoftTeamsChannelConfiguration",
      "chatbot:UpdateSlackChannelConfiguration",
    ),
  },
  {
    sid: "RolesOfServices",
    deploy: ["iam:CreateServiceLinkedRole"],
    resources: ["apidestinations.events", "ops.apigateway"].map(
      (service) => `arn:aws:iam::${account}:role/aws-service-role/${service}.amazonaws.com/*`,
    ),
    unrecorded: because(
      "AWS makes such a role with an account's first domain or connection",
      "iam:CreateServiceLinkedRole",
    ),
  },
];

/** What senders reach. What lies below an API or a domain has its tags in conditions. */
const frontDoor: readonly Grant[] = [
  {
    sid: "ReadApis",
    preview: ["apigateway:GET"],
    resources: ["/account", "/apikeys/*", "/apis/*", "/domainnames/*", "/restapis/*", "/usageplans/*"].map(
      gateway,
    ),
  },
  { sid: "LogApis", deploy: ["apigateway:PATCH"], resources: [gateway("/account")] },
  {
    sid: "MakeApis",
    deploy: ["apigateway:POST"],
    resources: ["/apikeys", "/apis", "/domainnames", "/restapis", "/usageplans"].map(gateway),
    condition: madeForThisStage,
  },
  {
    sid: "ChangeApis",
    deploy: ["apigateway:DELETE", "apigateway:PATCH", "apigateway:POST", "apigateway:PUT"],
    resources: ["/apikeys/*", "/apis/*", "/domainnames/*", "/restapis/*", "/usageplans/*"].map(gateway),
    condition: ofThisStage,
  },
  {
    sid: "TagApis",
    deploy: ["apigateway:DELETE", "apigateway:PUT"],
    resources: [gateway("/tags/*")],
    unrecorded: {
      "apigateway:DELETE": "takes a tag away that webhook-pipeline:tags has no longer; the emulator lacks it",
      "apigateway:PUT": "changes a tag, and on AWS gives an API its first ones; the emulator lacks it",
    },
  },
  {
    sid: "LimitApis",
    deploy: ["apigateway:UpdateRestApiPolicy"],
    resources: [gateway("/restapis"), gateway("/restapis/*")],
  },
  {
    sid: "CertifyDomains",
    deploy: ["apigateway:AddCertificateToDomain", "apigateway:RemoveCertificateFromDomain"],
    resources: [gateway("/domainnames"), gateway("/domainnames/*")],
    unrecorded: {
      "apigateway:RemoveCertificateFromDomain": "AWS asks for it when a domain's certificate changes",
    },
  },
  {
    sid: "GuardApis",
    preview: ["wafv2:GetWebACLForResource"],
    deploy: ["apigateway:SetWebACL", "wafv2:AssociateWebACL", "wafv2:DisassociateWebACL"],
    resources: [gateway("/restapis/*"), `arn:aws:wafv2:${region}:*:regional/webacl/*`],
  },
  {
    sid: "LogHttpApis",
    deploy: [
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ],
    resources: ["*"],
    unrecorded: because(
      httpApiLogs,
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
    ),
  },
];

/** Kinds of EC2's resources that a VPC has, as they stand in ARNs, but for elastic IP addresses. */
const networkKinds = [
  "internet-gateway",
  "natgateway",
  "route-table",
  "security-group",
  "subnet",
  "vpc",
  "vpc-endpoint",
];
const ofKinds = (...kinds: readonly string[]) => kinds.map((kind) => arn("ec2", `${kind}/*`));
const crosswalkVpc =
  "@pulumi/awsx makes it for a VPC; in the emulator another component stands in, which makes less";
const addressed = "a VPC with natGateway has an address, to which @pulumi/awsx gives no tags";

/**
 * What a VPC of the stage's own needs besides (`processor.vpc: { kind: new }`). EC2's resources have ids for names, so their tags
 * tell whose they are: docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html
 */
const network: readonly Grant[] = [
  {
    sid: "ReadNetwork",
    preview: [
      "ec2:DescribeAddresses",
      "ec2:DescribeAddressesAttribute",
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeInternetGateways",
      "ec2:DescribeNatGateways",
      "ec2:DescribeNetworkAcls",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribePrefixLists",
      "ec2:DescribeRouteTables",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcAttribute",
      "ec2:DescribeVpcEndpoints",
      "ec2:DescribeVpcs",
    ],
    resources: ["*"],
    unrecorded: because(
      crosswalkVpc,
      "ec2:DescribeAddresses",
      "ec2:DescribeAddressesAttribute",
      "ec2:DescribeAvailabilityZones",
      "ec2:DescribeInternetGateways",
      "ec2:DescribeNatGateways",
    ),
  },
  {
    sid: "MakeNetwork",
    deploy: [
      "ec2:CreateInternetGateway",
      "ec2:CreateNatGateway",
      "ec2:CreateRouteTable",
      "ec2:CreateSecurityGroup",
      "ec2:CreateSubnet",
      "ec2:CreateVpc",
      "ec2:CreateVpcEndpoint",
    ],
    resources: ofKinds(...networkKinds),
    condition: madeForThisStage,
    unrecorded: because(
      crosswalkVpc,
      "ec2:CreateInternetGateway",
      "ec2:CreateNatGateway",
      "ec2:CreateRouteTable",
    ),
  },
  {
    sid: "MakeInNetwork",
    deploy: [
      "ec2:CreateNatGateway",
      "ec2:CreateRouteTable",
      "ec2:CreateSecurityGroup",
      "ec2:CreateSubnet",
      "ec2:CreateVpcEndpoint",
    ],
    resources: ofKinds("route-table", "security-group", "subnet", "vpc"),
    condition: ofThisStage,
    unrecorded: because(crosswalkVpc, "ec2:CreateNatGateway", "ec2:CreateRouteTable"),
  },
  {
    sid: "TagNetwork",
    deploy: ["ec2:CreateTags", "ec2:DeleteTags"],
    resources: ofKinds(...networkKinds),
    condition: ofNoOtherStage,
    unrecorded: because(tagsChange, "ec2:DeleteTags"),
  },
  {
    sid: "ChangeNetwork",
    deploy: [
      "ec2:AssociateRouteTable",
      "ec2:AttachInternetGateway",
      "ec2:AuthorizeSecurityGroupEgress",
      "ec2:AuthorizeSecurityGroupIngress",
      "ec2:CreateRoute",
      "ec2:DeleteInternetGateway",
      "ec2:DeleteNatGateway",
      "ec2:DeleteRoute",
      "ec2:DeleteRouteTable",
      "ec2:DeleteSecurityGroup",
      "ec2:DeleteSubnet",
      "ec2:DeleteVpc",
      "ec2:DeleteVpcEndpoints",
      "ec2:DetachInternetGateway",
      "ec2:DisassociateRouteTable",
      "ec2:ModifySubnetAttribute",
      "ec2:ModifyVpcAttribute",
      "ec2:ModifyVpcEndpoint",
      "ec2:RevokeSecurityGroupEgress",
      "ec2:RevokeSecurityGroupIngress",
    ],
    resources: ofKinds(...networkKinds),
    condition: ofThisStage,
    unrecorded: {
      ...because(
        crosswalkVpc,
        "ec2:AssociateRouteTable",
        "ec2:AttachInternetGateway",
        "ec2:CreateRoute",
        "ec2:DeleteInternetGateway",
        "ec2:DeleteNatGateway",
        "ec2:DeleteRoute",
        "ec2:DeleteRouteTable",
        "ec2:DetachInternetGateway",
        "ec2:DisassociateRouteTable",
      ),
      ...because(
        "a newer program may change an endpoint or a rule",
        "ec2:ModifyVpcEndpoint",
        "ec2:RevokeSecurityGroupIngress",
      ),
    },
  },
  {
    sid: "AddressNetwork",
    deploy: ["ec2:AllocateAddress", "ec2:CreateNatGateway", "ec2:DisassociateAddress", "ec2:ReleaseAddress"],
    resources: ofKinds("elastic-ip"),
    unrecorded: because(
      addressed,
      "ec2:AllocateAddress",
      "ec2:CreateNatGateway",
      "ec2:DisassociateAddress",
      "ec2:ReleaseAddress",
    ),
  },
];

/** What commands ask for that only read, and do without if it is not allowed. */
export const withheldFromPreview: Readonly<Record<string, string>> = {
  "dynamodb:GetItem":
    "drift tells by whom a lane is paused to who may read the history, where webhooks are kept",
};

/** Grants by the policy that they stand in. A managed policy takes 6,144 characters. */
export const grants = { data, processing, "front-door": frontDoor, network } as const;
