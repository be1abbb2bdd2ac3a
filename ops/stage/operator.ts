import { hostname, userInfo } from "node:os";

/** Who gives the commands: the user of this machine. CloudTrail has the AWS identity of each call. */
export function operatorName(): string {
  return `${userInfo().username}@${hostname()}`;
}
