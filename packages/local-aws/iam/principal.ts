import { randomBytes } from "node:crypto";

/** Who makes a call. */
export type Principal =
  /** The person at the keyboard, who may do everything. */
  | { readonly kind: "operator" }
  /** Code that runs with a role of the program. */
  | { readonly kind: "role"; readonly arn: string }
  /** An AWS service on its own behalf, for the resource named, such as CloudWatch for an alarm. */
  | { readonly kind: "service"; readonly name: string; readonly sourceArn: string }
  /** Somebody on the internet, who calls an API without signing. */
  | { readonly kind: "anonymous" };

/** What an AWS SDK signs with. The signature itself is not checked: the key id alone says who it is. */
export interface AccessKey {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/** The operator's key, the same on every start, so that other terminals can use it. */
export const operatorKey: AccessKey = { accessKeyId: "LOCALOPERATOR", secretAccessKey: "local" };

/** Hands out access keys and knows whose they are. */
export class AccessKeys {
  readonly #holders = new Map<string, Principal>([[operatorKey.accessKeyId, { kind: "operator" }]]);

  issue(holder: Principal): AccessKey {
    const accessKeyId = `ASIALOCAL${randomBytes(6).toString("hex").toUpperCase()}`;
    this.#holders.set(accessKeyId, holder);
    return { accessKeyId, secretAccessKey: randomBytes(20).toString("hex") };
  }

  holderOf(accessKeyId: string): Principal | undefined {
    return this.#holders.get(accessKeyId);
  }
}

export function describePrincipal(principal: Principal): string {
  switch (principal.kind) {
    case "operator":
      return "the operator";
    case "role":
      return principal.arn;
    case "service":
      return principal.name;
    case "anonymous":
      return "anonymous";
  }
}
