import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";

type CredentialsProvider = NonNullable<DynamoDBClientConfig["credentialDefaultProvider"]>;

/**
 * Replaces the SDK's chain of credential providers in the function's bundle. Lambda puts a Node function's credentials
 * into its environment. The other providers (single sign-on, profiles, web identities, instance metadata) and their
 * clients would be a quarter of the bundle and are never used (docs/benchmarks.md).
 * docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html#configuration-envvars-runtime
 */
export const defaultProvider: CredentialsProvider = () => async () => {
  const {
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: sessionToken,
  } = process.env;
  if (!accessKeyId || !secretAccessKey) {
    throw new Error(
      "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not set: the function has no other source of credentials",
    );
  }
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
};
