import type * as pulumi from "@pulumi/pulumi";

/**
 * An API by the names that CloudWatch uses (AWS fact 5.7).
 *
 * - REST: docs.aws.amazon.com/apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
 * - HTTP: docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html
 */
export type WatchedApi<Name extends pulumi.Input<string> = pulumi.Input<string>> =
  | { readonly kind?: "rest"; readonly name: Name; readonly stageName: Name }
  | { readonly kind: "http"; readonly id: Name };
