import { Secret } from "@pulumi/aws/secretsmanager/secret.js";
import * as pulumi from "@pulumi/pulumi";

/** Arguments of {@link WebhookSecrets}. */
export interface WebhookSecretsArgs {
  /** Names of the secrets, such as those of the sources. It is a plain list, because it decides which secrets exist. */
  readonly names: readonly string[];

  /**
   * Those of them that Pulumi may delete although the others are protected.
   *
   * @default none
   */
  readonly formerNames?: readonly string[] | undefined;

  /**
   * KMS key that encrypts them.
   *
   * @default the AWS managed key of Secrets Manager in this account
   */
  readonly keyArn?: pulumi.Input<string> | undefined;

  /** Tags of every secret. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * The secrets that webhooks are signed with, without their values. An operator sets the values, never this program, so
 * that none enters Pulumi's state. The secrets are separate from the functions that read them, so a source that moves
 * to a dedicated queue keeps its secret.
 *
 * @example
 * ```ts
 * const { secrets } = new WebhookSecrets("webhooks", { names: ["github"], tags: {} });
 * export const githubSecret = secrets.github?.name;
 * ```
 */
export class WebhookSecrets extends pulumi.ComponentResource {
  readonly secrets: { readonly [name: string]: Secret };
  /** The name of each secret in AWS. */
  readonly secretNames: { readonly [name: string]: pulumi.Output<string> };

  constructor(name: string, args: WebhookSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { names, formerNames = [], keyArn, tags } = args;
    super("webhooks:index:WebhookSecrets", name, {}, opts);

    this.secrets = Object.fromEntries(
      names.map((secret) => [
        secret,
        new Secret(
          `${name}-${secret}-secret`,
          {
            description: `Webhook secret: ${secret}`,
            ...(keyArn === undefined ? {} : { kmsKeyId: keyArn }),
            tags,
          },
          { parent: this, ...(formerNames.includes(secret) ? { protect: false } : {}) },
        ),
      ]),
    );

    this.secretNames = Object.fromEntries(
      Object.entries(this.secrets).map(([key, secret]) => [key, secret.name]),
    );
    this.registerOutputs({ secrets: this.secrets });
  }
}
