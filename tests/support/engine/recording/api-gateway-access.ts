import {
  type AwsCall,
  type Context,
  type Input,
  type Known,
  type NeededAccess,
  passing,
  requestTag,
} from "./call.js";

/**
 * API Gateway's actions are HTTP's methods, its resources the paths: docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-iam-policy-examples.html.
 * Both kinds of API share them, as `/restapis` and `/apis`.
 */
export function apiGatewayAccess(call: AwsCall, input: Input, known: Known): NeededAccess[] {
  const { method, region } = call;
  const path = (call.path.split("?")[0] ?? "").replace(/^\/v2(?=\/)/, "");
  const arn = (place: string) => `arn:aws:apigateway:${region}::${place}`;
  const made = method === "POST" ? answeredId(call) : undefined;
  const { tags } = input;
  if (made !== undefined) known.tagged(arn(`${path}/${made}`), tags);
  const context = { ...tagOfPath(path, arn, known), ...requestTag(tags) };
  const access = (action: string): NeededAccess => ({
    action: `apigateway:${action}`,
    resource: arn(path),
    context,
  });
  const text = call.body;
  return [
    access(method),
    ...(/"(policy|x-amazon-apigateway-policy)":/.test(text) || /"path":"\/policy"/.test(text)
      ? [access("UpdateRestApiPolicy")]
      : []),
    ...(/"(regionalCertificateArn|CertificateArn|certificateArn)":/.test(text) &&
    path.startsWith("/domainnames")
      ? [access("AddCertificateToDomain")]
      : []),
    ...rolesIn(text).flatMap((role) => passing(role, "apigateway.amazonaws.com")),
  ];
}

/**
 * The tag that conditions see: what lies below an API or a domain has its tag.
 * docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-tagging-supported-resources.html
 */
function tagOfPath(path: string, arn: (place: string) => string, known: Known): Context {
  const tagged = /^\/tags\/(.*)$/.exec(path);
  if (tagged !== null) return known.tagOf(decodeURIComponent(tagged[1] ?? ""));
  const segments = path.split("/").slice(1);
  for (let length = segments.length; length >= 2; length--) {
    const found = known.tagOf(arn(`/${segments.slice(0, length).join("/")}`));
    if (Object.keys(found).length > 0) return found;
  }
  return {};
}

function rolesIn(text: string): string[] {
  return [...new Set(text.match(/arn:aws:iam::\d{12}:role\/[^"\\]+/g) ?? [])];
}

function answeredId({ answer }: AwsCall): string | undefined {
  try {
    const { id, apiId, stageName, domainName } = JSON.parse(answer) as Record<string, string>;
    return id ?? apiId ?? stageName ?? domainName;
  } catch {
    return undefined;
  }
}
