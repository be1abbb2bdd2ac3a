import { isDeepStrictEqual } from "node:util";
import type { GraphResource } from "local-aws";
import { WebhookPipeline } from "../../components/webhook-pipeline.js";
import type { SettingsInput } from "../../settings/settings.js";
import { type Registered, registered } from "./registered.js";

/** What Pulumi's engine would do to a stage, by the rules of URNs, aliases and protection. */
export interface Plan {
  readonly created: readonly string[];
  /** Found again under another name. */
  readonly renamed: readonly string[];
  readonly deleted: readonly string[];
  /** Deleted or replaced although protected: the engine refuses the whole update. */
  readonly refused: readonly string[];
}

/** Inputs that no resource of the type can change: the engine replaces it. */
const fixedInputs: Readonly<Record<string, readonly string[]>> = {
  "aws:sqs/queue:Queue": ["fifoQueue"],
  "aws:apigateway/stage:Stage": ["stageName", "restApi"],
  "aws:apigatewayv2/stage:Stage": ["name", "apiId"],
  "aws:apigateway/domainName:DomainName": ["domainName"],
  "aws:apigateway/basePathMapping:BasePathMapping": ["domainName", "basePath"],
};

const stages = new Map<string, Promise<Registered>>();

/** All that a stage of these settings registers, which is found out once. */
export function stageOf(settings: SettingsInput): Promise<Registered> {
  const key = JSON.stringify(settings);
  const known = stages.get(key);
  if (known !== undefined) return known;
  const stage = registered(() => new WebhookPipeline("webhooks", settings));
  stages.set(key, stage);
  return stage;
}

/** What an update from one stage to the other would do. */
export function planOf(before: Registered, after: Registered): Plan {
  const found = new Map<GraphResource, GraphResource>();
  for (const resource of after.resources) {
    const urns = [resource.urn, ...resource.aliases];
    const old = urns.map((urn) => before.resources.find((candidate) => candidate.urn === urn)).find(Boolean);
    if (old !== undefined) found.set(resource, old);
  }
  const taken = new Set(found.values());
  const deleted = before.resources.filter((resource) => !taken.has(resource));
  const replaced = [...found].filter(([resource, old]) =>
    (fixedInputs[resource.type] ?? []).some(
      (input) => !isDeepStrictEqual(resource.inputs[input], old.inputs[input]),
    ),
  );
  const refused = [...deleted, ...replaced.map(([, old]) => old)].filter(({ protect }) => protect);
  return {
    created: after.resources.filter((resource) => !found.has(resource)).map(shortName),
    renamed: [...found].filter(([{ urn }, old]) => urn !== old.urn).map(([resource]) => shortName(resource)),
    deleted: [...deleted, ...replaced.map(([, old]) => old)].map(shortName),
    refused: refused.map(shortName),
  };
}

/** Type and logical name: `Queue webhooks-queue`. */
export function shortName({ type, name }: GraphResource): string {
  return `${type.split(":").at(-1)} ${name}`;
}

/** Queues that webhooks of a source go to, by the paths that lead to it. */
export function queuesByPath(stage: Registered): Record<string, string> {
  const documents = stage
    .all("aws:apigateway/restApi:RestApi")
    .map(({ inputs }) => JSON.parse(String(inputs.body)));
  const rest = documents.flatMap(({ paths }) =>
    Object.entries(paths as Record<string, { post: Record<string, { uri: string }> }>).map(
      ([path, { post }]) => [path, logicalName(post["x-amazon-apigateway-integration"]?.uri)],
    ),
  );
  const http = stage.all("aws:apigatewayv2/route:Route").map(({ inputs }) => {
    const integration = stage
      .all("aws:apigatewayv2/integration:Integration")
      .find(({ id }) => inputs.target === `integrations/${id}`);
    const { QueueUrl } = (integration?.inputs.requestParameters ?? {}) as { QueueUrl?: string };
    return [String(inputs.routeKey).replace("POST ", ""), logicalName(QueueUrl)];
  });
  return Object.fromEntries([...rest, ...http]);
}

/** A queue's name at the end of an address or an ARN, without the characters that make it unique. */
export function logicalName(address = ""): string {
  return (address.split(/[:/]/).at(-1) ?? "").replace(/-[0-9a-f]{7}(?=\.fifo$|$)/, "");
}
