import { type Graph, type GraphResource, resourcesOfType } from "../../program/graph.js";
import { UserError } from "../../program/user-error.js";
import type { JavaMap } from "../velocity/java-values.js";
import { stageVariables } from "../velocity/mapping-template.js";
import type { Api } from "./api.js";
import { accountLimit, type ThrottleLimit, TokenBucket, throttleByKey } from "./throttle.js";

/** A stage of an API. */
export interface Stage {
  readonly name: string;
  readonly deploymentId: string;
  readonly variables: JavaMap;
  /** Absent: the stage keeps no access log. */
  readonly accessLogFormat: string | undefined;
  /** Takes a token for a call of a method; false when the caller has to wait. */
  takeToken(resourcePath: string, httpMethod: string): boolean;
  /** The API keys that are valid here, each with its usage plan's own throttle. */
  readonly apiKeys: ReadonlyMap<string, { takeToken(): boolean }>;
}

/** A custom domain's path to a stage. */
export interface DomainMapping {
  readonly domainName: string;
  /** Empty for the domain's root. */
  readonly basePath: string;
  readonly stage: Stage;
}

/**
 * The stages of an API, by name.
 *
 * @throws UserError for a stage that AWS could not make, or that needs what the local gateway does not have
 */
export function readStages(graph: Graph, api: Api, clock: () => number): Map<string, Stage> {
  const account = new TokenBucket(accountLimit, clock);
  const stages = ofApi(graph, "aws:apigateway/stage:Stage", api).map((resource) => {
    const { inputs, name } = resource;
    const stageName = String(inputs.stageName);
    for (const feature of ["canarySettings", "cacheClusterEnabled"]) {
      if (inputs[feature])
        throw new UserError(
          `stage "${name}": ${feature} is not supported locally; leave it out for a local run`,
        );
    }
    const deployment = ofApi(graph, "aws:apigateway/deployment:Deployment", api).find(
      ({ id }) => id === inputs.deployment,
    );
    if (deployment === undefined)
      throw new UserError(
        `stage "${name}": its deployment does not belong to this API; set it to deployment.id`,
      );
    const settings = methodSettings(graph, api, stageName);
    const accessLog = inputs.accessLogSettings as { format?: string } | undefined;
    return {
      name: stageName,
      deploymentId: deployment.id,
      variables: stageVariables((inputs.variables ?? {}) as Record<string, string>),
      accessLogFormat: accessLog?.format,
      takeToken: throttle(settings, account, clock),
      apiKeys: apiKeys(graph, api, stageName, clock),
    };
  });
  if (stages.length === 0)
    throw new UserError("the API has no stage; register an aws.apigateway.Stage, or nothing can be called");
  return new Map(stages.map((stage) => [stage.name, stage]));
}

/** The custom domains that lead to an API. */
export function readDomains(graph: Graph, api: Api, stages: ReadonlyMap<string, Stage>): DomainMapping[] {
  return ofApi(graph, "aws:apigateway/basePathMapping:BasePathMapping", api).map(({ name, inputs }) => {
    const stage = stages.get(String(inputs.stageName));
    if (stage === undefined)
      throw new UserError(`base path mapping "${name}": there is no stage "${inputs.stageName}"`);
    const basePath = inputs.basePath === "(none)" ? "" : String(inputs.basePath ?? "");
    return { domainName: String(inputs.domainName).toLowerCase(), basePath, stage };
  });
}

function ofApi(graph: Graph, type: string, api: Api): GraphResource[] {
  return resourcesOfType(graph, type).filter(({ inputs }) => inputs.restApi === api.id);
}

interface MethodSetting {
  /** `*` or a resource's path. */
  readonly path: string;
  readonly httpMethod: string;
  readonly limit: ThrottleLimit;
}

/** The throttles of a stage: those of single methods first, then that of all. */
function methodSettings(graph: Graph, api: Api, stageName: string): MethodSetting[] {
  return ofApi(graph, "aws:apigateway/methodSettings:MethodSettings", api)
    .filter(({ inputs }) => inputs.stageName === stageName)
    .map(({ name, inputs }) => {
      const settings = inputs.settings as Record<string, unknown>;
      if (settings.cachingEnabled)
        throw new UserError(
          `method settings "${name}": caching is not supported locally; leave it out for a local run`,
        );
      // `~1hooks~1github/POST`, or all methods of all paths.
      const [, path = "", httpMethod = ""] = /^(.*)\/([^/]+)$/.exec(String(inputs.methodPath)) ?? [];
      // AWS takes such a path without a word and sets nothing: github.com/hashicorp/terraform-provider-aws/issues/9738
      if (path.includes("/"))
        throw new UserError(
          `method settings "${name}": "${inputs.methodPath}" does not name a method for AWS; write ~1${path.replace(/^\//, "").replaceAll("/", "~1")}/${httpMethod}`,
        );
      const plain = path === "*" ? "*" : `/${path.replaceAll("~1", "/").replace(/^\//, "")}`;
      const known = api.resources.some(
        (resource) => resource.path === plain && resource.methods.has(httpMethod),
      );
      if (plain === "*" ? httpMethod !== "*" : !known)
        throw new UserError(
          `method settings "${name}": "${inputs.methodPath}" is not a method of this API; write */* or ~1PATH/METHOD`,
        );
      return {
        path: plain,
        httpMethod,
        limit: limitOf(settings.throttlingRateLimit, settings.throttlingBurstLimit),
      };
    })
    .sort((one, other) => Number(one.path === "*") - Number(other.path === "*"));
}

/** -1 and nothing both mean: no limit but the account's. */
function limitOf(rate: unknown, burst: unknown): ThrottleLimit {
  const set = (value: unknown, otherwise: number) => (Number(value ?? -1) < 0 ? otherwise : Number(value));
  return {
    ratePerSecond: set(rate, accountLimit.ratePerSecond),
    burst: set(burst, accountLimit.burst),
  };
}

function throttle(
  settings: readonly MethodSetting[],
  account: TokenBucket,
  clock: () => number,
): Stage["takeToken"] {
  const limitOf = (key: string) =>
    settings.find(({ path, httpMethod }) => path === "*" || key === `${httpMethod} ${path}`)?.limit;
  const take = throttleByKey(limitOf, account, clock);
  return (resourcePath, httpMethod) => take(`${httpMethod} ${resourcePath}`);
}

/** The keys whose usage plan covers the stage. */
function apiKeys(graph: Graph, api: Api, stageName: string, clock: () => number): Stage["apiKeys"] {
  const keys = new Map<string, { takeToken(): boolean }>();
  for (const plan of resourcesOfType(graph, "aws:apigateway/usagePlan:UsagePlan")) {
    const stages = (plan.inputs.apiStages ?? []) as readonly {
      apiId: string;
      stage: string;
      throttles?: unknown;
    }[];
    const covered = stages.find(({ apiId, stage }) => apiId === api.id && stage === stageName);
    if (covered === undefined) continue;
    if (plan.inputs.quotaSettings || covered.throttles)
      throw new UserError(
        `usage plan "${plan.name}": quotas and throttles of single methods are not supported locally`,
      );
    const limits = plan.inputs.throttleSettings as { rateLimit?: number; burstLimit?: number } | undefined;
    for (const link of resourcesOfType(graph, "aws:apigateway/usagePlanKey:UsagePlanKey")) {
      if (link.inputs.usagePlanId !== plan.id) continue;
      const key = resourcesOfType(graph, "aws:apigateway/apiKey:ApiKey").find(
        ({ id }) => id === link.inputs.keyId,
      );
      if (key === undefined || key.inputs.enabled === false) continue;
      if (typeof key.state.value !== "string")
        throw new UserError(
          `API key "${key.name}" has no value; AWS would generate one, but to use the key locally you must set it`,
        );
      const bucket = new TokenBucket(limitOf(limits?.rateLimit, limits?.burstLimit), clock);
      keys.set(key.state.value, { takeToken: () => bucket.take() });
    }
  }
  return keys;
}
