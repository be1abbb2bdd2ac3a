import {
  type CheckedResource,
  listAt,
  objectAt,
  ofTypes,
  type Rule,
  ruleForEach,
  unknown,
} from "../checked-resource.mjs";

export const logsEnd = ruleForEach(
  {
    name: "logs-end",
    description: "Each log group keeps its lines for a stated time.",
    types: ["aws:cloudwatch/logGroup:LogGroup"],
  },
  (resource) => {
    const days = resource.property("retentionInDays");
    return days === unknown || (typeof days === "number" && days > 0)
      ? undefined
      : "the log group keeps its lines forever: set retentionInDays";
  },
);

/** Metrics whose alarms CloudWatch evaluates differently, whatever is set: missing data are always ignored (AWS fact 5.5). */
const dynamoDb = "AWS/DynamoDB";

export const alarmsTell = ruleForEach(
  {
    name: "alarms-tell",
    description: "Each alarm tells somebody, and says what missing data mean.",
    types: ["aws:cloudwatch/metricAlarm:MetricAlarm", "aws:cloudwatch/compositeAlarm:CompositeAlarm"],
  },
  (resource, all) => [
    ...(hasAction(resource) || isPartOfAnother(resource.name, all)
      ? []
      : ["the alarm tells nobody: set alarmActions, or use it in a composite alarm"]),
    ...(resource.type.endsWith(":CompositeAlarm") ||
    resource.property("namespace") === dynamoDb ||
    !["missing", undefined].includes(resource.property("treatMissingData") as string | undefined)
      ? []
      : [
          "the alarm does not say what missing data mean: set treatMissingData. Without it, the alarm is in a state of its own while nothing is sent",
        ]),
  ],
);

function hasAction(resource: CheckedResource): boolean {
  return resource.property("alarmActions") === unknown || listAt(resource, "alarmActions").length > 0;
}

/** Whether a composite alarm looks at it. */
function isPartOfAnother(name: string, all: readonly CheckedResource[]): boolean {
  return all
    .filter(({ type }) => type.endsWith(":CompositeAlarm"))
    .some((composite) => composite.madeFrom("alarmRule").some((part) => part.name === name));
}

/** Lambda's Node.js runtimes that get security updates: docs.aws.amazon.com/lambda/latest/dg/lambda-runtimes.html */
const supportedRuntimes = ["nodejs22.x", "nodejs24.x"];

export const functionsAreSupported = ruleForEach(
  {
    name: "functions-are-supported",
    description: "Each function runs on a Node.js that gets security updates.",
    types: ["aws:lambda/function:Function"],
  },
  (resource) => {
    const runtime = resource.property("runtime");
    return runtime === unknown || supportedRuntimes.includes(runtime as string)
      ? undefined
      : `the function runs on ${String(runtime)}: use ${supportedRuntimes.join(" or ")}`;
  },
);

/** Values that are secrets by their form: keys of AWS, Stripe, GitHub and Slack, private keys, and tokens of the JWT form. */
const secretForms =
  /^(AKIA|ASIA)[A-Z0-9]{16}$|^(sk|rk|whsec)_[A-Za-z0-9+/=_]{16,}$|^gh[pousr]_[A-Za-z0-9]{30,}$|^xox[abprs]-|-----BEGIN [A-Z ]*PRIVATE KEY-----|^eyJ[\w-]+\.[\w-]+\.[\w-]+$/;

/** Names of variables that hold secrets. What only says where a secret is does not. */
const secretNames = /(SECRET|PASSWORD|PASSWD|TOKEN|API_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

export const noSecretsInEnvironments = ruleForEach(
  {
    name: "no-secrets-in-environments",
    description:
      "No function has a secret in its environment, where everybody who may read the function can read it.",
    types: ["aws:lambda/function:Function"],
  },
  (resource) => {
    const { variables } = objectAt(resource, "environment") ?? {};
    if (typeof variables !== "object" || variables === null) return undefined;
    return Object.entries(variables)
      .filter(
        ([name, value]) => secretNames.test(name) || (typeof value === "string" && secretForms.test(value)),
      )
      .map(
        ([name]) =>
          `the variable ${name} holds a secret: keep it in Secrets Manager, and let the function read it there`,
      );
  },
);

/** Types of this program's resources that take tags, and whose costs or owners somebody looks up. */
const taggable = [
  "aws:sqs/queue:Queue",
  "aws:sns/topic:Topic",
  "aws:s3/bucket:Bucket",
  "aws:dynamodb/table:Table",
  "aws:secretsmanager/secret:Secret",
  "aws:kms/key:Key",
  "aws:lambda/function:Function",
  "aws:iam/role:Role",
  "aws:cloudwatch/logGroup:LogGroup",
  "aws:cloudwatch/metricAlarm:MetricAlarm",
  "aws:cloudwatch/compositeAlarm:CompositeAlarm",
  "aws:apigateway/restApi:RestApi",
  "aws:apigatewayv2/api:Api",
];

export const resourcesAreTagged: Rule = {
  name: "resources-are-tagged",
  description: "In a stage with tags, each resource that costs money or grants access has them.",
  check(resources) {
    const candidates = ofTypes(resources, taggable);
    const untagged = candidates.filter((resource) => !isTagged(resource));
    // A stage without tags has none on purpose: the provider may set them for the whole account.
    if (untagged.length === candidates.length) return [];
    return untagged.map((resource) => ({
      resource,
      problem: "others of the stage have tags, and this has none: pass on the stage's tags",
    }));
  },
};

function isTagged(resource: CheckedResource): boolean {
  return resource.property("tags") === unknown || Object.keys(objectAt(resource, "tags") ?? {}).length > 0;
}
