/** An emulated AWS that has the services of a test. Undefined: there is none, and tests that need it are skipped. */
export const emulator: string | undefined = process.env.AWS_ENDPOINT_URL;

if (emulator === undefined) console.warn("skipped: these tests need an emulated AWS (AWS_ENDPOINT_URL)");

export const region = "us-east-1";
export const account = "123456789012";

/** Settings of a client of the emulator. */
export const settings = { region, credentials: { accessKeyId: "test", secretAccessKey: "test" } };

const run = Date.now().toString(36);

/** A name that no earlier run has used, for an emulator that keeps what it has. */
export function named(what: string): string {
  return `${what}-${run}`;
}

/** Asks the emulated IAM, which does not check signatures. The repository needs no client of it otherwise. */
export async function iam(parameters: Readonly<Record<string, string>>): Promise<string> {
  const response = await fetch(`${emulator}/`, {
    method: "POST",
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=test/20260101/${region}/iam/aws4_request, SignedHeaders=host, Signature=0`,
    },
    body: new URLSearchParams({ ...parameters, Version: "2010-05-08" }),
  });
  const answer = await response.text();
  if (!response.ok) throw new Error(answer);
  return answer;
}

/** Makes a role, as far as the emulator asks for one, and gives its ARN. */
export async function makeRole(RoleName: string): Promise<string> {
  const AssumeRolePolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [] });
  await iam({ Action: "CreateRole", RoleName, AssumeRolePolicyDocument });
  return `arn:aws:iam::${account}:role/${RoleName}`;
}
