import { BasePathMapping } from "@pulumi/aws/apigateway/basePathMapping.js";
import { DomainName } from "@pulumi/aws/apigateway/domainName.js";
import type { RestApi } from "@pulumi/aws/apigateway/restApi.js";
import type { Stage } from "@pulumi/aws/apigateway/stage.js";
import * as pulumi from "@pulumi/pulumi";

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

/** Puts a custom domain in front of a stage. */
export function createCustomDomain(
  name: string,
  { domainName, certificateArn, basePath }: CustomDomainArgs,
  {
    restApi,
    stage,
    tags,
  }: {
    readonly restApi: RestApi;
    readonly stage: Stage;
    readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  },
  child: pulumi.CustomResourceOptions,
): CustomDomain {
  const domain = new DomainName(
    `${name}-api-domain`,
    {
      domainName,
      regionalCertificateArn: certificateArn,
      endpointConfiguration: { types: "REGIONAL" },
      securityPolicy: "TLS_1_2",
      tags,
    },
    child,
  );
  const mapping = new BasePathMapping(
    `${name}-api-domain-mapping`,
    {
      domainName: domain.domainName,
      restApi: restApi.id,
      stageName: stage.stageName,
      ...(basePath === undefined ? {} : { basePath }),
    },
    child,
  );
  return {
    // Depends on the mapping, so that the URL is known only after it works.
    url: pulumi.interpolate`https://${mapping.domainName}${basePath === undefined ? "" : `/${basePath}`}`,
    target: domain.regionalDomainName,
  };
}
