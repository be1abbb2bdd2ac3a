import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** A domain of one's own. */
export interface CustomDomainArgs {
  /** `hooks.example.com`; its DNS record must point to `SqsIngestApi.domainTarget`. */
  readonly domainName: string;
  /** ACM certificate for it, in the stack's own Region. */
  readonly certificateArn: string;
  /**
   * Path the stage stands under.
   *
   * @default the domain's root
   */
  readonly basePath?: string | undefined;
}

/** A stage's own domain. */
export interface CustomDomain {
  /** URL up to the stage's own paths. */
  readonly url: pulumi.Output<string>;
  /** What the domain's DNS record must point to. */
  readonly target: pulumi.Output<string>;
}

/** Puts a stage behind a domain. */
export function createCustomDomain(
  name: string,
  { domainName, certificateArn, basePath }: CustomDomainArgs,
  {
    restApi,
    stage,
    tags,
  }: {
    readonly restApi: aws.apigateway.RestApi;
    readonly stage: aws.apigateway.Stage;
    readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
  },
  child: pulumi.CustomResourceOptions,
): CustomDomain {
  const domain = new aws.apigateway.DomainName(
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
  const mapping = new aws.apigateway.BasePathMapping(
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
    // Through the mapping, so that nobody is told the address before it leads anywhere.
    url: pulumi.interpolate`https://${mapping.domainName}${basePath === undefined ? "" : `/${basePath}`}`,
    target: domain.regionalDomainName,
  };
}
