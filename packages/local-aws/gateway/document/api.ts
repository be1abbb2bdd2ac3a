import { createHash } from "node:crypto";
import { type Graph, type GraphResource, resourcesOfType } from "../../program/graph.js";
import { partitionOf } from "../../program/partition.js";
import { UserError } from "../../program/user-error.js";
import { isBinary } from "../request/binary.js";
import { type GatewayResponses, readGatewayResponses } from "../request/gateway-responses.js";
import { type ApiPolicy, readApiPolicy } from "./api-policy.js";
import { type BodyModel, bodyModel } from "./body-model.js";
import { forMimeType, mimeType } from "./content-types.js";
import { type Integration, readIntegration } from "./integration.js";
import { anyMethod, httpMethods, type OpenApiDocument, type Operation, readOpenApi } from "./openapi.js";
import { parameterReadBy, type RequestPlace } from "./parameter-mapping.js";
import { parameterNames } from "./routes.js";

/** A REST API ready to be served: everything in its document has been read and checked. */
export interface Api {
  readonly id: string;
  readonly account: string;
  readonly region: string;
  readonly resources: readonly ApiResource[];
  readonly binaryMediaTypes: readonly string[];
  readonly gatewayResponses: GatewayResponses;
  /** Absent: everybody may call. */
  readonly policy: ApiPolicy | undefined;
  /** True when only a custom domain leads to the API. */
  readonly executeApiEndpointDisabled: boolean;
}

export interface ApiResource {
  readonly id: string;
  readonly path: string;
  readonly methods: ReadonlyMap<string, Method>;
}

export interface Method {
  /** As the document has it: `ANY` for the one that takes every method. */
  readonly httpMethod: string;
  /** Parameters without which the request is refused. */
  readonly required: readonly { readonly place: RequestPlace; readonly name: string }[];
  /** Says what is wrong with a body of a type; absent when bodies are not checked. */
  readonly checkBody: ((body: string, type: string) => string | undefined) | undefined;
  readonly needsApiKey: boolean;
  readonly integration: Integration;
  /** Statuses the method may answer. */
  readonly statuses: ReadonlySet<number>;
}

/** Resources that hold a part of an API outside of its document. */
const separateParts = ["resource", "method", "integration", "integrationResponse", "methodResponse"]
  .concat(["requestValidator", "model", "response", "authorizer"])
  .map((part) => `aws:apigateway/${part}:${part.charAt(0).toUpperCase()}${part.slice(1)}`);

/**
 * Reads the API that a program registers.
 *
 * @throws UserError for an API without a document, or with something in it that cannot be served locally
 */
export function readApi(graph: Graph, restApi: GraphResource): Api {
  const { inputs, name, id } = restApi;
  const document = readOpenApi(inputs.body, name);
  refuse(graph, restApi, document);
  const binaryMediaTypes =
    (inputs.binaryMediaTypes as readonly string[] | undefined) ??
    document["x-amazon-apigateway-binary-media-types"];
  for (const type of binaryMediaTypes) {
    if (type !== "*/*" && type.includes("*"))
      throw new UserError(
        `${name}: binary media type "${type}" matches nothing; API Gateway knows only */* and whole types`,
      );
  }
  const policy = policyOf(graph, restApi) ?? document["x-amazon-apigateway-policy"];
  return {
    id,
    account: graph.account,
    region: graph.region,
    resources: readResources(document, binaryMediaTypes),
    binaryMediaTypes,
    gatewayResponses: readGatewayResponses(document["x-amazon-apigateway-gateway-responses"]),
    policy:
      policy === undefined
        ? undefined
        : readApiPolicy(
            policy,
            `arn:${partitionOf(graph.region).name}:execute-api:${graph.region}:${graph.account}:${id}`,
          ),
    executeApiEndpointDisabled: inputs.disableExecuteApiEndpoint === true,
  };
}

function refuse(graph: Graph, { name, id, inputs }: GraphResource, document: OpenApiDocument): void {
  const compression =
    inputs.minimumCompressionSize ?? document["x-amazon-apigateway-minimum-compression-size"] ?? -1;
  if (Number(compression) >= 0)
    throw new UserError(
      `${name}: minimumCompressionSize is not supported locally; bodies are passed as they come`,
    );
  if ((inputs.apiKeySource ?? "HEADER") !== "HEADER")
    throw new UserError(`${name}: apiKeySource ${inputs.apiKeySource} is not supported locally; use HEADER`);
  const separate = graph.resources.find(
    (resource) =>
      separateParts.includes(resource.type) && (resource.inputs.restApi ?? resource.inputs.restApiId) === id,
  );
  if (separate !== undefined)
    throw new UserError(
      `${name}: ${separate.type} "${separate.name}" is not served locally; put it into the API's body`,
    );
}

/** A RestApiPolicy, or the API's own input; both come before the document's. */
function policyOf(graph: Graph, restApi: GraphResource): unknown {
  const separate = resourcesOfType(graph, "aws:apigateway/restApiPolicy:RestApiPolicy").find(
    ({ inputs }) => inputs.restApiId === restApi.id,
  );
  return separate?.inputs.policy ?? restApi.inputs.policy;
}

function readResources(document: OpenApiDocument, binaryMediaTypes: readonly string[]): ApiResource[] {
  return Object.entries(document.paths).map(([path, item]) => {
    const methods = new Map<string, Method>();
    for (const key of [...httpMethods, anyMethod] as const) {
      const operation = item[key];
      if (operation === undefined) continue;
      const httpMethod = key === anyMethod ? "ANY" : key.toUpperCase();
      const parameters = [...item.parameters, ...operation.parameters];
      const where = `${httpMethod} ${path}`;
      methods.set(
        httpMethod,
        readMethod({
          document,
          httpMethod,
          path,
          operation: { ...operation, parameters },
          binaryMediaTypes,
          where,
        }),
      );
    }
    return { id: createHash("sha256").update(path).digest("hex").slice(0, 6), path, methods };
  });
}

interface MethodArgs {
  readonly document: OpenApiDocument;
  readonly httpMethod: string;
  readonly path: string;
  readonly operation: Operation;
  readonly binaryMediaTypes: readonly string[];
  readonly where: string;
}

function readMethod(args: MethodArgs): Method {
  const { document, operation, where } = args;
  const definition = operation["x-amazon-apigateway-integration"];
  const validatorName =
    operation["x-amazon-apigateway-request-validator"] ?? document["x-amazon-apigateway-request-validator"];
  const validator =
    validatorName === undefined
      ? undefined
      : document["x-amazon-apigateway-request-validators"][validatorName];
  if (validatorName !== undefined && validator === undefined)
    throw new UserError(`${where}: there is no request validator "${validatorName}"`);
  checkParameters(args);
  const declared = operation.parameters.filter(({ required }) => required);
  return {
    httpMethod: args.httpMethod,
    required: validator?.validateRequestParameters
      ? declared.flatMap(({ in: place, name }) => placed(place, name))
      : [],
    checkBody: validator?.validateRequestBody ? bodyCheck(args) : undefined,
    needsApiKey: needsApiKey(args),
    integration: readIntegration(definition, where),
    statuses: new Set(Object.keys(operation.responses).map(Number)),
  };
}

function placed(place: string, name: string): { place: RequestPlace; name: string }[] {
  if (place === "cookie") return [];
  return [{ place: place === "query" ? "querystring" : (place as RequestPlace), name }];
}

/** API Gateway imports no mapping from a parameter, or to a response header, that the method does not declare. */
function checkParameters({ operation, path, where }: MethodArgs): void {
  const declared = [
    ...operation.parameters.flatMap(({ in: place, name }) => placed(place, name)),
    ...parameterNames(path).map((name) => ({ place: "path" as const, name })),
  ];
  const { requestParameters, responses } = operation["x-amazon-apigateway-integration"];
  for (const source of Object.values(requestParameters)) {
    const read = parameterReadBy(source);
    if (read !== undefined && !declared.some(({ place, name }) => place === read.place && name === read.name))
      throw new UserError(`${where}: declare ${source} among the method's parameters before mapping it`);
  }
  for (const { statusCode, responseParameters } of Object.values(responses)) {
    const headers = Object.keys(operation.responses[String(statusCode)]?.headers ?? {});
    for (const target of Object.keys(responseParameters)) {
      const name = target.replace("method.response.header.", "");
      if (!headers.includes(name))
        throw new UserError(
          `${where}: declare the header ${name} in response ${statusCode} before mapping it`,
        );
    }
  }
}

function needsApiKey({ document, operation, where }: MethodArgs): boolean {
  const schemes = (operation.security ?? document.security).flatMap((requirement) =>
    Object.keys(requirement),
  );
  for (const scheme of schemes) {
    if (!Object.hasOwn(document.components.securitySchemes, scheme))
      throw new UserError(`${where}: there is no security scheme "${scheme}" in the document`);
  }
  return schemes.length > 0;
}

function bodyCheck(args: MethodArgs): ((body: string, type: string) => string | undefined) | undefined {
  const { document, operation, binaryMediaTypes, where } = args;
  const models = Object.fromEntries(
    Object.entries(operation.requestBody?.content ?? {}).flatMap(([type, { schema }]) =>
      schema === undefined
        ? []
        : [[type, bodyModel(schema, document.components.schemas, `${where}, ${type}`)]],
    ),
  ) as Readonly<Record<string, BodyModel>>;
  const binary = Object.keys(models).find((type) => isBinary(binaryMediaTypes, mimeType(type)));
  if (binary !== undefined)
    throw new UserError(
      `${where}: a model for ${binary}, which is a binary media type, is not checked locally; remove one of the two`,
    );
  if (Object.keys(models).length === 0) return undefined;
  // A type without a model is let through; `$default` is the model for those (AWS fact 1.16).
  return (body, type) => (forMimeType(models, type) ?? models.$default)?.(body);
}
