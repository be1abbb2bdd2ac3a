import { UserError } from "../../program/user-error.js";
import type { ContentHandling } from "../request/binary.js";
import { javaRegExp } from "../velocity/java-text.js";
import { compileTemplate, type Template } from "../velocity/velocity.js";
import type { IntegrationDefinition, IntegrationResponseDefinition } from "./openapi.js";
import {
  type HeaderMapping,
  type RequestMapping,
  readHeaderMappings,
  readRequestMappings,
} from "./parameter-mapping.js";

/** What a method does with a request, ready to run. */
export interface Integration {
  /** The AWS service it calls; absent for a mock. */
  readonly backend: Backend | undefined;
  readonly timeoutMilliseconds: number;
  readonly passthroughBehavior: IntegrationDefinition["passthroughBehavior"];
  readonly contentHandling: ContentHandling | undefined;
  readonly parameters: readonly RequestMapping[];
  /** By content type. */
  readonly templates: Readonly<Record<string, Template>>;
  readonly responses: readonly IntegrationResponse[];
}

export interface Backend {
  /** `sqs` */
  readonly service: string;
  /** Path and query; `{name}` is filled from `integration.request.path.name`. */
  readonly path: string;
  readonly method: string;
  readonly roleArn: string;
}

export interface IntegrationResponse {
  /** Absent for the default. Matches the backend's status as a whole (AWS fact 1.24). */
  readonly pattern: RegExp | undefined;
  readonly status: number;
  readonly contentHandling: ContentHandling | undefined;
  readonly headers: readonly HeaderMapping[];
  readonly templates: Readonly<Record<string, Template>>;
}

/**
 * Makes a method's integration ready: templates compiled, mappings and patterns read.
 *
 * @param where names the method in errors: `POST /orders`
 * @throws UserError for what API Gateway would not import, or this gateway cannot run
 */
export function readIntegration(definition: IntegrationDefinition, where: string): Integration {
  return {
    backend: definition.type === "MOCK" ? undefined : readBackend(definition, where),
    timeoutMilliseconds: definition.timeoutInMillis,
    passthroughBehavior: definition.passthroughBehavior,
    contentHandling: definition.contentHandling,
    parameters: readRequestMappings(definition.requestParameters, where),
    templates: readTemplates(definition.requestTemplates, `${where}, request template`),
    responses: Object.entries(definition.responses).map(([key, response]) =>
      readResponse(key, response, `${where}, integration response "${key}"`),
    ),
  };
}

function readBackend({ uri = "", httpMethod, credentials }: IntegrationDefinition, where: string): Backend {
  // arn:aws:apigateway:REGION:SERVICE:path/… or :action/… (AWS fact 2.1); the service may have a subdomain in front.
  const [, service, kind, target] =
    /^arn:[\w-]+:apigateway:[\w-]+:(?:[\w-]+\.)?([\w-]+):(path|action)\/(.+)$/s.exec(uri) ?? [];
  if (service === undefined || target === undefined)
    throw new UserError(
      `${where}: "${uri}" is not an integration URI; write arn:aws:apigateway:REGION:SERVICE:path/…`,
    );
  if (httpMethod === undefined) throw new UserError(`${where}: the integration needs an httpMethod`);
  if (credentials === undefined)
    throw new UserError(
      `${where}: the integration has no credentials, so it may not call anything; set them to a role's ARN`,
    );
  const path = kind === "action" ? `/?Action=${target}` : `/${target}`;
  return { service, path, method: httpMethod, roleArn: credentials };
}

function readResponse(
  key: string,
  definition: IntegrationResponseDefinition,
  where: string,
): IntegrationResponse {
  return {
    pattern: key === "default" ? undefined : readPattern(key, where),
    status: definition.statusCode,
    contentHandling: definition.contentHandling,
    headers: readHeaderMappings(definition.responseParameters, "method.response.header.", where),
    templates: readTemplates(definition.responseTemplates, where),
  };
}

function readPattern(pattern: string, where: string): RegExp {
  try {
    return javaRegExp(`^(?:${pattern})$`);
  } catch (error) {
    throw new UserError(`${where}: the pattern cannot be read: ${(error as Error).message}`);
  }
}

function readTemplates(templates: Readonly<Record<string, string>>, where: string): Record<string, Template> {
  const compiled = new Map<string, Template>();
  return Object.fromEntries(
    Object.entries(templates).map(([type, source]) => {
      try {
        const template = compiled.get(source) ?? compileTemplate(source);
        compiled.set(source, template);
        return [type, template];
      } catch (error) {
        throw new UserError(`${where} for ${type}: ${(error as Error).message}`);
      }
    }),
  );
}
