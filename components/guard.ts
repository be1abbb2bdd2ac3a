import * as pulumi from "@pulumi/pulumi";

/**
 * Something that a stage has promised and that no single resource of AWS stands for. Each promise is a component of its
 * own, which has nothing in it. When a change takes a protected one away, Pulumi refuses the whole update before it touches
 * anything, as it does for a protected resource.
 *
 * - `PublicAddress`: a part of a URL that senders have in their settings
 * - `DataKey`: data that only whoever may use the customer key can read
 *
 * @example
 * ```ts
 * new Guard("PublicAddress", "webhooks-rest/v1/webhooks", { protect: true });
 * ```
 */
export class Guard extends pulumi.ComponentResource {
  constructor(kind: "PublicAddress" | "DataKey", name: string, opts?: pulumi.ComponentResourceOptions) {
    super(`webhooks:index:${kind}`, name, {}, opts);
    this.registerOutputs({});
  }
}
