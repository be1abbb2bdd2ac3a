import { readFileSync } from "node:fs";
import { join } from "node:path";
import { decide, readPolicy } from "local-aws";
import { describe, expect, it } from "vitest";
import { roleFile, rolePolicies, roleText } from "../../deploy/role/documents.js";
import { type Grant, grants, place, withheldFromPreview } from "../../deploy/role/permissions.js";
import { account, region } from "../support/engine/emulator.js";
import type { NeededAccess } from "../support/engine/recording/call.js";
import { forbidden } from "../support/engine/recording/forbidden.js";
import { recordedCalls } from "../support/engine/recording/recorded-calls.js";
import { root } from "../support/imports.js";

/** The policies of docs/deploying/deploy-role.json before the calls that the tests on the engine have recorded. */

/** docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html; white space does not count. */
const mostCharacters = 6_144;
/** The same page: policies attached to a role. */
const mostPolicies = 10;

const roles = rolePolicies();
const allGrants: readonly Grant[] = Object.values<readonly Grant[]>(grants).flat();
const documents = Object.entries({ ...roles.preview, ...roles.deploy });
const recordings = [...recordedCalls()];

/** What a recording needed, as if its stage had been the one that the policies are written for. */
const neededBy = (name: string, purpose: "preview" | "deploy") =>
  [...(new Map(recordings).get(name)?.[purpose].values() ?? [])].map((access) => ({
    ...access,
    context: Object.fromEntries(
      Object.entries(access.context).map(([key, value]) => [
        key,
        key.endsWith("tag/stage") ? place.stage : value,
      ]),
    ),
  }));

describe("the policies of those who deploy and preview", () => {
  it("are written down", () => {
    expect(readFileSync(join(root, roleFile), "utf8"), "run: npm run docs").toBe(roleText());
  });

  it.each(recordings)("allow every call of a stage's recorded life: %s", (name) => {
    const asMap = (all: readonly NeededAccess[]) =>
      new Map(all.map((access, index) => [String(index), access]));
    const needed = { preview: asMap(neededBy(name, "preview")), deploy: asMap(neededBy(name, "deploy")) };
    expect(needed.deploy.size).toBeGreaterThan(needed.preview.size);
    expect(needed.preview.size).toBeGreaterThan(40);
    expect(forbidden(roles, needed)).toEqual([]);
  });

  it("allow nothing that no stage's life has needed, but for a reason", () => {
    expect(allGrants.flatMap((grant) => unneededIn(grant).filter((each) => !hasReason(grant, each)))).toEqual(
      [],
    );
  });

  it("have a reason for nothing that a stage's life has needed, or that they do not allow", () => {
    const idle = allGrants.flatMap((grant) =>
      Object.keys(grant.unrecorded ?? {}).filter(
        (action) => !unneededIn(grant).some((each) => each.action === action),
      ),
    );
    expect(idle).toEqual([]);
  });

  it("withhold from who previews nothing but what a command asks for, and does without", () => {
    for (const action of Object.keys(withheldFromPreview)) {
      const asked = recordings.flatMap(([name]) =>
        neededBy(name, "preview").filter((each) => each.action === action),
      );
      expect(asked.length).toBeGreaterThan(0);
      const map = new Map(asked.map((access, index) => [String(index), access]));
      expect(forbidden(roles, { preview: new Map(), deploy: map })).toEqual([]);
    }
  });

  it.each(documents)("fit into a managed policy: %s", (_, document) => {
    expect(JSON.stringify(document).length).toBeLessThanOrEqual(mostCharacters);
  });

  it("are no more than a role takes", () => {
    expect(Object.keys(roles.deploy).length).toBeLessThanOrEqual(mostPolicies);
  });

  it("let who previews read what a resource is, but neither change it nor see what is in it", () => {
    const actions = Object.values(roles.preview).flatMap(({ Statement }) =>
      Statement.flatMap(({ Action }) => Action),
    );
    expect(actions.length).toBeGreaterThan(40);
    expect(
      actions.filter((action) => !/^[a-z0-9]+:(Get|List|Describe)[A-Z]|^apigateway:GET$/.test(action)),
    ).toEqual([]);
    const contents = [
      "secretsmanager:GetSecretValue",
      "s3:GetObject",
      "sqs:ReceiveMessage",
      "dynamodb:GetItem",
      "logs:GetLogEvents",
    ];
    expect(actions.filter((action) => contents.includes(action))).toEqual([]);
  });

  it("write no wildcard for an action", () => {
    expect(
      documents.flatMap(([, { Statement }]) =>
        Statement.flatMap(({ Action }) => Action.filter((action) => action.includes("*"))),
      ),
    ).toEqual([]);
  });

  it("change nothing of another stage, and pass its roles to nobody", () => {
    const identity = Object.entries(roles.deploy).map(([name, document]) =>
      readPolicy(document, name, "deployment"),
    );
    const may = (action: string, resource: string, context: NeededAccess["context"] = {}) =>
      decide(
        {
          principal: { kind: "role", arn: `arn:aws:iam::${account}:role/deployer` },
          action,
          resource,
          context,
          account,
          region,
        },
        { identity, resource: [] },
      ).allowed;
    const key = `arn:aws:kms:eu-west-1:${account}:key/1`;
    const api = "arn:aws:apigateway:eu-west-1::/restapis/1";
    const role = `arn:aws:iam::${account}:role/webhooks-processor-role-0000000`;

    expect(may("kms:ScheduleKeyDeletion", key, { "aws:resourcetag/stage": "dev" })).toBe(true);
    expect(may("kms:ScheduleKeyDeletion", key, { "aws:resourcetag/stage": "prod" })).toBe(false);
    expect(may("kms:PutKeyPolicy", key, { "aws:resourcetag/stage": "prod" })).toBe(false);
    expect(
      may("kms:TagResource", key, { "aws:resourcetag/stage": "prod", "aws:requesttag/stage": "dev" }),
    ).toBe(false);
    expect(may("apigateway:DELETE", api, { "aws:resourcetag/stage": "dev" })).toBe(true);
    expect(may("apigateway:DELETE", api, { "aws:resourcetag/stage": "prod" })).toBe(false);
    expect(may("apigateway:DELETE", api)).toBe(false);
    expect(may("sqs:DeleteQueue", `arn:aws:sqs:eu-west-1:${account}:orders`)).toBe(false);
    expect(may("iam:PutRolePolicy", `arn:aws:iam::${account}:role/webhook-pipeline-deploy-dev`)).toBe(false);
    expect(may("iam:PassRole", role, { "iam:passedtoservice": "lambda.amazonaws.com" })).toBe(true);
    expect(may("iam:PassRole", role, { "iam:passedtoservice": "ec2.amazonaws.com" })).toBe(false);
    expect(
      may("iam:AttachRolePolicy", role, { "iam:policyarn": "arn:aws:iam::aws:policy/AdministratorAccess" }),
    ).toBe(false);
  });
});

interface Unneeded {
  readonly sid: string;
  readonly role: "preview" | "deploy";
  readonly action: string;
}

const hasReason = ({ unrecorded = {} }: Grant, { action }: Unneeded) => unrecorded[action] !== undefined;

/** What a grant allows and no recorded call has needed of it. */
function unneededIn(grant: Grant): Unneeded[] {
  return (["preview", "deploy"] as const).flatMap((role) => {
    const needed = recordings.flatMap(([name]) => [
      ...neededBy(name, role),
      ...(role === "deploy" ? neededBy(name, "preview") : []),
    ]);
    return (grant[role] ?? [])
      .filter((action) => !needed.some((access) => access.action === action && allows(grant, access)))
      .map((action) => ({ sid: grant.sid, role, action }));
  });
}

function allows({ resources, condition }: Grant, access: NeededAccess): boolean {
  const statement = {
    Effect: "Allow",
    Action: access.action,
    Resource: resources,
    ...(condition === undefined ? {} : { Condition: condition }),
  };
  const policy = readPolicy({ Version: "2012-10-17", Statement: [statement] }, "one grant", "deployment");
  const principal = { kind: "role", arn: `arn:aws:iam::${account}:role/deployer` } as const;
  return decide({ ...access, principal, account, region }, { identity: [policy], resource: [] }).allowed;
}
