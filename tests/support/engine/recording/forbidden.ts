import { decide, readPolicy } from "local-aws";
import { withheldFromPreview } from "../../../../deploy/role/permissions.js";
import { account, region } from "../emulator.js";
import type { NeededAccess } from "./call.js";
import { type Needed, recordedText } from "./recorder.js";

/** docs/deploying/deploy-role.json: policy documents by what they are for. */
export interface RolePolicies {
  readonly preview: Readonly<Record<string, object>>;
  readonly deploy: Readonly<Record<string, object>>;
}

/** What was needed and is not allowed. */
export function forbidden(policies: RolePolicies, needed: Needed): string[] {
  return [
    ...refused(
      policies.preview,
      [...needed.preview.values()].filter(({ action }) => withheldFromPreview[action] === undefined),
    ),
    // Who deploys previews first.
    ...refused(policies.deploy, [...needed.preview.values(), ...needed.deploy.values()]),
  ];
}

function refused(documents: Readonly<Record<string, object>>, needed: readonly NeededAccess[]): string[] {
  const identity = Object.entries(documents).map(([name, document]) =>
    readPolicy(document, name, "deployment"),
  );
  const principal = { kind: "role", arn: `arn:aws:iam::${account}:role/deployer` } as const;
  return needed
    .filter(
      (access) => !decide({ ...access, principal, account, region }, { identity, resource: [] }).allowed,
    )
    .map(recordedText);
}
