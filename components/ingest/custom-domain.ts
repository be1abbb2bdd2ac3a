import { BasePathMapping } from "@pulumi/aws/apigateway/basePathMapping.js";
import { DomainName } from "@pulumi/aws/apigateway/domainName.js";
import type { RestApi } from "@pulumi/aws/apigateway/restApi.js";
import type { Stage } from "@pulumi/aws/apigateway/stage.js";
import * as pulumi from "@pulumi/pulumi";
import { nameByValue } from "../support/name-by-value.js";

/** A custom domain. */
export interface CustomDomainArgs {
  /** `hooks.example.com`; its DNS record must point to `SqsIngestApi.domainTarget`. */
  readonly domainName: string;
  /** ACM certificate for it, in the stack's Region. */
  readonly certificateArn: string;
  /**
   * Base path of the stage.
   *
   * @default the domain's root
   */
  readonly basePath?: string | undefined;
}

/** A stage's custom domain. */
export interface CustomDomain {
  /** URL in front of the stage's own paths. */
  readonly url: pulumi.Output<string>;
  /** What the domain's DNS record must point to. */
  readonly target: pulumi.Output<string>;
}

/**
 * Puts a stage behind its present domain and its former ones.
 *
 * @returns the present one
 */
export function createCustomDomains(
  name: string,
  {
    present,
    former,
  }: { readonly present: CustomDomainArgs | undefined; readonly former: readonly CustomDomainArgs[] },
  {
    restApi,
    stage,
    protect,
    tags,
  }: {
    readonly restApi: RestApi;
    readonly stage: Stage;
    /** Whether Pulumi keeps the present one. */
    readonly protect: boolean;
    readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  },
  child: pulumi.CustomResourceOptions,
): CustomDomain | undefined {
  const all = [...(present === undefined ? [] : [present]), ...former];
  const domainNames = [...new Set(all.map(({ domainName }) => domainName))];
  const domains = new Map(
    nameByValue(`${name}-api-domain`, domainNames).map(({ value, name: domainName, aliases }) => [
      value,
      new DomainName(
        domainName,
        {
          domainName: value,
          regionalCertificateArn: all.find((domain) => domain.domainName === value)?.certificateArn ?? "",
          endpointConfiguration: { types: "REGIONAL" },
          securityPolicy: "TLS_1_2",
          tags,
        },
        { ...child, aliases, protect: protect && value === present?.domainName },
      ),
    ]),
  );
  const mappings = nameByValue(
    `${name}-api-domain-mapping`,
    all.map(({ domainName, basePath = "" }) => `${domainName}/${basePath}`),
  ).map(({ name: mappingName, aliases }, index) => {
    const { domainName = "", basePath } = all[index] ?? {};
    return new BasePathMapping(
      mappingName,
      {
        domainName: domains.get(domainName)?.domainName ?? domainName,
        restApi: restApi.id,
        stageName: stage.stageName,
        ...(basePath === undefined ? {} : { basePath }),
      },
      { ...child, aliases, protect: protect && present !== undefined && index === 0 },
    );
  });
  const [mapping] = mappings;
  const domain = present && domains.get(present.domainName);
  if (mapping === undefined || domain === undefined) return undefined;
  return {
    // Depends on the mapping, so that the URL is known only after it works.
    url: pulumi.interpolate`https://${mapping.domainName}${present?.basePath === undefined ? "" : `/${present.basePath}`}`,
    target: domain.regionalDomainName,
  };
}
