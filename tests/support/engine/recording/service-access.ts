import {
  type AwsCall,
  type Context,
  type Input,
  type Known,
  type NeededAccess,
  passing,
  requestTag,
  textsIn,
} from "./call.js";

/** The permissions that a call of one service needs; undefined if nobody has written that down. */
export type ServiceAccess = (call: AwsCall, input: Input, known: Known) => NeededAccess[] | undefined;

/** What a service's reader looks at. */
interface Read {
  readonly call: AwsCall;
  readonly operation: string;
  readonly input: Input;
  readonly answer: string;
  readonly account: string;
  readonly known: Known;
  /** Makes an ARN of the call's service from its last part. */
  arn(rest: string): string;
  /** The call's own permission. */
  on(resource: string, context?: Context): NeededAccess;
  /** Another permission of the same service. */
  also(operation: string, resource: string, context?: Context): NeededAccess;
}

/**
 * The services by their names in the signature. Which resource an action is about, and which other actions AWS asks for in the
 * same call: docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html.
 */
export const serviceAccess: Readonly<Record<string, ServiceAccess>> = {
  sts: reader("sts", ({ on }) => [on("*")]),
  sqs: reader("sqs", ({ input, arn, on, also }) => {
    const queue = arn(
      String(input.QueueName ?? input.QueueUrl)
        .split("/")
        .at(-1) ?? "",
    );
    return [on(queue), ...onTags(input.tags, () => also("TagQueue", queue, requestTag(input.tags)))];
  }),
  dynamodb: reader("dynamodb", ({ call, input, arn, on, also, known }) => {
    const named = String(input.TableName ?? input.ResourceArn);
    const table = named.startsWith("arn:") ? named : arn(`table/${named}`);
    const { KMSMasterKeyId } = (input.SSESpecification ?? {}) as Input;
    return [
      on(table),
      ...onTags(input.Tags, () => also("TagResource", table, requestTag(input.Tags))),
      ...keyUse(KMSMasterKeyId, "dynamodb", call, known),
    ];
  }),
  kms: reader("kms", ({ operation, input, answer, arn, on, also, known }) => {
    if (operation !== "CreateKey") {
      const id = String(input.KeyId);
      const key = id.startsWith("arn:") ? id : arn(`key/${id}`);
      return [on(key, known.tagOf(key))];
    }
    const key = arn(`key/${(JSON.parse(answer) as { KeyMetadata: { KeyId: string } }).KeyMetadata.KeyId}`);
    known.tagged(key, input.Tags);
    const tag = requestTag(input.Tags);
    return [
      on("*", tag),
      ...onTags(input.Tags, () => also("TagResource", key, tag)),
      ...(input.Policy === undefined ? [] : [also("PutKeyPolicy", key)]),
    ];
  }),
  logs: reader("logs", ({ operation, input, arn, on, also }) => {
    if (operation.startsWith("Describe")) return [on("*")];
    const named = String(input.logGroupName ?? input.resourceArn);
    const group = named.startsWith("arn:") ? named : arn(`log-group:${named}`);
    return [
      on(group),
      ...(operation === "CreateLogGroup"
        ? onTags(input.tags, () => also("TagResource", group, requestTag(input.tags)))
        : []),
    ];
  }),
  secretsmanager: reader("secretsmanager", ({ operation, input, answer, arn, on, also }) => {
    const id = String(operation === "CreateSecret" ? (JSON.parse(answer) as Input).ARN : input.SecretId);
    const secret = id.startsWith("arn:") ? id : arn(`secret:${id}-000000`);
    return [
      on(secret),
      ...(operation === "CreateSecret"
        ? onTags(input.Tags, () => also("TagResource", secret, requestTag(input.Tags)))
        : []),
    ];
  }),
  sns: reader("sns", ({ operation, input, arn, on, also }) => {
    if (operation.includes("Subscription") || operation === "Unsubscribe") {
      if (input.TopicArn === undefined) return [on("*")];
    }
    const topic = String(input.TopicArn ?? input.ResourceArn ?? arn(String(input.Name)));
    return [
      on(topic),
      ...(operation === "CreateTopic"
        ? onTags(input.Tags, () => also("TagResource", topic, requestTag(input.Tags)))
        : []),
    ];
  }),
  monitoring: reader("cloudwatch", ({ operation, input, arn, account, on, also }) => {
    if (operation.includes("Dashboard")) {
      return textsIn(input.DashboardName ?? input.DashboardNames).map((name) =>
        on(`arn:aws:cloudwatch::${account}:dashboard/${name}`),
      );
    }
    if (input.ResourceARN !== undefined) return [on(String(input.ResourceARN))];
    const names = textsIn(input.AlarmName ?? input.AlarmNames);
    // CloudWatch looks for these among all.
    if (names.length === 0) return [on("*")];
    return names.flatMap((name) => {
      const alarm = arn(`alarm:${name}`);
      return [on(alarm), ...onTags(input.Tags, () => also("TagResource", alarm, requestTag(input.Tags)))];
    });
  }),
  iam: reader("iam", ({ operation, input, account, on, also }) => {
    const role = `arn:aws:iam::${account}:role/${String(input.RoleName)}`;
    const { PolicyArn } = input;
    return [
      on(role, PolicyArn === undefined ? {} : { "iam:policyarn": String(PolicyArn) }),
      ...(operation === "CreateRole"
        ? onTags(input.Tags, () => also("TagRole", role, requestTag(input.Tags)))
        : []),
    ];
  }),
  lambda: (call, input, known) => lambdaAccess(call, input, known),
  events: reader("events", ({ operation, input, arn, on, also }) => {
    if (input.ResourceARN !== undefined) return [on(String(input.ResourceARN))];
    const name = String(input.Name ?? input.Rule);
    if (/Connection$/.test(operation)) return [on(arn(`connection/${name}`))];
    if (/ApiDestination$/.test(operation)) {
      const connection = /:connection\/([^/"]+)/.exec(String(input.ConnectionArn ?? ""))?.[1];
      return [
        on(arn(`api-destination/${name}`)),
        ...(connection === undefined ? [] : [on(arn(`connection/${connection}`))]),
      ];
    }
    const rule = arn(`rule/${name}`);
    const targets = (input.Targets ?? []) as { readonly RoleArn?: string }[];
    return [
      on(rule),
      ...onTags(input.Tags, () => also("TagResource", rule, requestTag(input.Tags))),
      ...targets.flatMap(({ RoleArn }) => passing(RoleArn, "events.amazonaws.com")),
    ];
  }),
  wafv2: reader("wafv2", ({ operation, input, on, known }) => {
    const stage = String(input.ResourceArn);
    const acl = input.WebACLArn;
    const tag = known.tagOf(stage.replace(/\/stages\/.*$/, ""));
    return [
      ...(acl === undefined ? [] : [on(String(acl))]),
      on(stage, tag),
      ...(/^(Disa|A)ssociate/.test(operation)
        ? [{ action: "apigateway:SetWebACL", resource: stage, context: tag }]
        : []),
    ];
  }),
};

function reader(prefix: string, read: (what: Read) => NeededAccess[]): ServiceAccess {
  return (call, input, known) => {
    const { target, body, region, answer } = call;
    const operation = target ?? /(?:^|&)Action=(\w+)/.exec(body)?.[1];
    if (operation === undefined) return undefined;
    const { account } = known;
    const also: Read["also"] = (name, resource, context = {}) => ({
      action: `${prefix}:${name}`,
      resource,
      context,
    });
    return read({
      operation,
      input,
      call,
      answer,
      account,
      known,
      arn: (rest) => `arn:aws:${prefix}:${region}:${account}:${rest}`,
      on: (resource, context) => also(operation, resource, context),
      also,
    });
  };
}

/** Whoever makes something with tags needs the right to tag it as well. */
function onTags(tags: unknown, access: () => NeededAccess): NeededAccess[] {
  return tags === undefined || Object.keys(tags as object).length === 0 ? [] : [access()];
}

/**
 * What a service does with a key in the name of who makes the resource.
 * docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html, docs.aws.amazon.com/lambda/latest/dg/configuration-envvars-encryption.html
 */
function keyUse(
  key: unknown,
  service: "dynamodb" | "lambda",
  { region }: AwsCall,
  known: Known,
): NeededAccess[] {
  if (typeof key !== "string") return [];
  const context = { ...known.tagOf(key), "kms:viaservice": `${service}.${region}.amazonaws.com` };
  return keyActions[service].map((action) => ({ action: `kms:${action}`, resource: key, context }));
}

const keyActions = {
  dynamodb: [
    "CreateGrant",
    "Decrypt",
    "DescribeKey",
    "Encrypt",
    "GenerateDataKey",
    "GenerateDataKeyWithoutPlaintext",
    "ReEncryptFrom",
    "ReEncryptTo",
  ],
  lambda: ["CreateGrant", "Decrypt", "Encrypt"],
} as const;

const lambdaActions: readonly (readonly [method: string, path: RegExp, action: string])[] = [
  ["POST", /^\/functions$/, "CreateFunction"],
  ["GET", /^\/functions\/[^/]+$/, "GetFunction"],
  ["DELETE", /^\/functions\/[^/]+$/, "DeleteFunction"],
  ["GET", /^\/functions\/[^/]+\/versions$/, "ListVersionsByFunction"],
  ["GET", /^\/functions\/[^/]+\/code-signing-config$/, "GetFunctionCodeSigningConfig"],
  ["GET", /^\/functions\/[^/]+\/configuration$/, "GetFunctionConfiguration"],
  ["PUT", /^\/functions\/[^/]+\/configuration$/, "UpdateFunctionConfiguration"],
  ["PUT", /^\/functions\/[^/]+\/code$/, "UpdateFunctionCode"],
  ["GET", /^\/functions\/[^/]+\/policy$/, "GetPolicy"],
  ["POST", /^\/functions\/[^/]+\/policy$/, "AddPermission"],
  ["DELETE", /^\/functions\/[^/]+\/policy\/[^/]+$/, "RemovePermission"],
  ["POST", /^\/event-source-mappings$/, "CreateEventSourceMapping"],
  ["GET", /^\/event-source-mappings$/, "ListEventSourceMappings"],
  ["GET", /^\/event-source-mappings\/[^/]+$/, "GetEventSourceMapping"],
  ["PUT", /^\/event-source-mappings\/[^/]+$/, "UpdateEventSourceMapping"],
  ["DELETE", /^\/event-source-mappings\/[^/]+$/, "DeleteEventSourceMapping"],
  ["GET", /^\/tags\/.+$/, "ListTags"],
  ["POST", /^\/tags\/.+$/, "TagResource"],
  ["DELETE", /^\/tags\/.+$/, "UntagResource"],
];

function lambdaAccess(call: AwsCall, input: Input, known: Known): NeededAccess[] | undefined {
  const path = (call.path.split("?")[0] ?? "").replace(/^\/\d{4}-\d{2}-\d{2}/, "").replace(/\/$/, "");
  const name = lambdaActions.find(([method, form]) => method === call.method && form.test(path))?.[2];
  if (name === undefined) return undefined;
  const arn = (rest: string) => `arn:aws:lambda:${call.region}:${known.account}:${rest}`;
  const functionArn = (named: string) => (named.startsWith("arn:") ? named : arn(`function:${named}`));
  const action = `lambda:${name}`;
  const [, kind = "", id = ""] = path.split("/").map(decodeURIComponent);

  if (kind === "tags") {
    const mapping = id.startsWith(arn("event-source-mapping:")) ? known.tagOf(id) : {};
    return [{ action, resource: id, context: { ...mapping, ...requestTag(input.Tags) } }];
  }
  if (kind === "event-source-mappings") {
    if (name === "ListEventSourceMappings") return [{ action, resource: "*", context: {} }];
    if (name !== "CreateEventSourceMapping") {
      const context = { "lambda:functionarn": known.functionOf.get(id) ?? "" };
      return [{ action, resource: arn(`event-source-mapping:${id}`), context }];
    }
    const context = { "lambda:functionarn": functionArn(String(input.FunctionName)) };
    const { UUID } = JSON.parse(call.answer) as { UUID: string };
    const mapping = arn(`event-source-mapping:${UUID}`);
    known.functionOf.set(UUID, context["lambda:functionarn"]);
    known.tagged(mapping, input.Tags);
    return [
      { action, resource: "*", context },
      ...onTags(input.Tags, () => ({
        action: "lambda:TagResource",
        resource: mapping,
        context: requestTag(input.Tags),
      })),
    ];
  }
  const resource = functionArn(name === "CreateFunction" ? String(input.FunctionName) : id);
  return [
    { action, resource, context: {} },
    ...(name === "CreateFunction"
      ? onTags(input.Tags, () => ({
          action: "lambda:TagResource",
          resource,
          context: requestTag(input.Tags),
        }))
      : []),
    ...passing(input.Role, "lambda.amazonaws.com"),
    ...keyUse(input.KMSKeyArn, "lambda", call, known),
  ];
}
