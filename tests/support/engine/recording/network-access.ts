import { type AwsCall, type Input, type Known, type NeededAccess, requestTag } from "./call.js";

/**
 * A VPC's calls: docs.aws.amazon.com/service-authorization/latest/reference/list_amazonec2.html. To describe needs the right
 * to describe all. To change something needs the right to what it is, and to what it is attached to.
 */
export function networkAccess(call: AwsCall, input: Input, known: Known): NeededAccess[] {
  const { region, answer } = call;
  const operation = String(input.Action);
  const action = `ec2:${operation}`;
  if (operation.startsWith("Describe")) return [{ action, resource: "*", context: {} }];
  const arn = (id: string) => `arn:aws:ec2:${region}:${known.account}:${kindOf(id)}/${id}`;
  // The component that stands in for @pulumi/awsx's gives its subnets no tags; that gives them the VPC's.
  const Tags =
    input.Tags ?? (operation === "CreateSubnet" ? known.tagsOf(arn(String(input.VpcId))) : undefined);
  const named = Object.entries(input).flatMap(([name, value]) =>
    /Id$/.test(name) || name === "ResourceId"
      ? [value]
          .flat()
          .map(String)
          .filter((id) => kindOf(id) !== "")
      : [],
  );
  const created =
    /^(Create|Allocate)/.test(operation) && operation !== "CreateTags" && operation !== "CreateRoute";
  if (!created) {
    return named.map((id) => ({
      action,
      resource: arn(id),
      context: { ...known.tagOf(arn(id)), ...(operation === "CreateTags" ? requestTag(Tags) : {}) },
    }));
  }
  const [id = ""] =
    answer
      .match(/\b(vpc|subnet|sg|rtb|igw|eipalloc|nat|vpce)-[0-9a-f]{8,17}\b/g)
      ?.filter((each) => !named.includes(each)) ?? [];
  known.tagged(arn(id), Tags);
  const made = { resource: arn(id), context: requestTag(Tags) };
  return [
    { action, ...made },
    ...(Tags === undefined
      ? []
      : [
          {
            action: "ec2:CreateTags",
            resource: made.resource,
            context: { ...made.context, "ec2:createaction": operation },
          },
        ]),
    ...named.map((other) => ({ action, resource: arn(other), context: known.tagOf(arn(other)) })),
  ];
}

const kinds: Readonly<Record<string, string>> = {
  acl: "network-acl",
  eipalloc: "elastic-ip",
  eni: "network-interface",
  igw: "internet-gateway",
  nat: "natgateway",
  pl: "prefix-list",
  rtb: "route-table",
  sg: "security-group",
  subnet: "subnet",
  vpc: "vpc",
  vpce: "vpc-endpoint",
};

function kindOf(id: string): string {
  return kinds[/^([a-z]+)-[0-9a-f]/.exec(id)?.[1] ?? ""] ?? "";
}
