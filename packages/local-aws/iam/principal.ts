import { randomBytes } from "node:crypto";
import type { Graph } from "../program/graph.js";
import { partitionOf } from "../program/partition.js";

/** Who makes a call. */
export type Principal =
  /** The person at the keyboard, who may do everything. */
  | { readonly kind: "operator" }
  /** Code that runs with a role of the program. */
  | { readonly kind: "role"; readonly arn: string }
  /** A person whom a policy of their own lets do something. */
  | { readonly kind: "user"; readonly arn: string }
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
    case "user":
      return principal.arn;
    case "service":
      return principal.name;
    case "anonymous":
      return "anonymous";
  }
}

/** The ARN of a user of the program's account. */
export function userArn({ account, region }: Pick<Graph, "account" | "region">, name: string): string {
  return `arn:${partitionOf(region).name}:iam::${account}:user/${name}`;
}

/** The ARN under which AWS knows somebody who signs calls. */
export function principalArn(principal: Principal, graph: Graph): string {
  switch (principal.kind) {
    case "role":
    case "user":
      return principal.arn;
    case "service":
      return principal.sourceArn;
    case "operator":
    case "anonymous":
      return userArn(graph, principal.kind);
  }
}
