import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";

/** What a caller decides about {@link WebhookSecrets}. */
export interface WebhookSecretsArgs {
  /** Names of the secrets, such as those of the sources. A plain list, because it decides which secrets there are. */
  readonly names: readonly string[];

  /**
   * KMS key that encrypts them.
   *
   * @default the key that AWS manages for Secrets Manager in this account
   */
  readonly keyArn?: pulumi.Input<string> | undefined;

  /** Tags put on every secret. */
  readonly tags: pulumi.Input<Record<string, pulumi.Input<string>>>;
}

/**
 * Places for the secrets that webhooks are signed with. Their values are set by an operator, never by this program, so
 * that none enters Pulumi's state. They stand apart from the functions that read them: a source that moves to a queue of
 * its own keeps its secret.
 *
 * @example
 * ```ts
 * const { secrets } = new WebhookSecrets("webhooks", { names: ["github"], tags: {} });
 * export const githubSecret = secrets.github?.name;
 * ```
 */
export class WebhookSecrets extends pulumi.ComponentResource {
  readonly secrets: { readonly [name: string]: aws.secretsmanager.Secret };
  /** What AWS calls each of them. */
  readonly secretNames: { readonly [name: string]: pulumi.Output<string> };

  constructor(name: string, args: WebhookSecretsArgs, opts?: pulumi.ComponentResourceOptions) {
    const { names, keyArn, tags } = args;
    super("webhooks:index:WebhookSecrets", name, {}, opts);

    this.secrets = Object.fromEntries(
      names.map((secret) => [
        secret,
        new aws.secretsmanager.Secret(
          `${name}-${secret}-secret`,
          {
            description: `Webhook secret: ${secret}`,
            ...(keyArn === undefined ? {} : { kmsKeyId: keyArn }),
            tags,
          },
          { parent: this },
        ),
      ]),
    );

    this.secretNames = Object.fromEntries(
      Object.entries(this.secrets).map(([key, secret]) => [key, secret.name]),
    );
    this.registerOutputs({ secrets: this.secrets });
  }

  /** Those of the given names. */
  only(names: readonly string[]): { readonly [name: string]: aws.secretsmanager.Secret } {
    return Object.fromEntries(Object.entries(this.secrets).filter(([name]) => names.includes(name)));
  }
}
