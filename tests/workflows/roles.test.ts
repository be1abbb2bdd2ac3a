import { execFile } from "node:child_process";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { rolePolicies } from "../../deploy/role/documents.js";
import { root } from "../support/imports.js";

/** What somebody pastes from docs/deploying/ci.md, before an AWS command line that notes what it was asked for. */

interface Call {
  readonly command: string;
  readonly options: Readonly<Record<string, string>>;
}

interface Document {
  readonly Statement: readonly {
    readonly Action: string | readonly string[];
    readonly Condition?: { readonly StringEquals?: Readonly<Record<string, unknown>> };
  }[];
}

const account = "111122223333";
const region = "eu-north-1";

let folder: string;
let calls: Call[];

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "webhook-pipeline-roles-"));
  // The answer is what the guide asks for with --query.
  writeFileSync(
    join(folder, "aws"),
    `#!/usr/bin/env node
const { appendFileSync } = require("node:fs");
appendFileSync(${JSON.stringify(join(folder, "asked"))}, JSON.stringify(process.argv.slice(2)) + "\\n");
console.log(process.argv.includes("create-policy") ? "arn:of:" + process.argv[process.argv.indexOf("--policy-name") + 1] : "made");
`,
  );
  writeFileSync(join(folder, "npx"), "#!/bin/sh\n");
  for (const file of ["aws", "npx"]) chmodSync(join(folder, file), 0o755);
  const text = readFileSync(join(root, "docs/deploying/ci.md"), "utf8");
  const commands = [...text.matchAll(/^```sh\n(.*?)^```/gms)].map(([, block = ""]) => block).join("\n");
  const script = commands.replace(
    "account=123456789012\nregion=eu-west-1",
    `account=${account}\nregion=${region}`,
  );
  await new Promise<void>((resolve, reject) => {
    execFile(
      "bash",
      ["-euo", "pipefail", "-c", script],
      { cwd: root, env: { ...process.env, PATH: [folder, process.env.PATH].join(delimiter) } },
      (error, stdout, stderr) => (error === null ? resolve() : reject(new Error(`${stdout}\n${stderr}`))),
    );
  });
  calls = readFileSync(join(folder, "asked"), "utf8")
    .trim()
    .split("\n")
    .map((line) => callOf(JSON.parse(line)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const asked = (command: string) =>
  calls.filter((call) => call.command === command).map(({ options }) => options);

describe("the commands of docs/deploying/ci.md", () => {
  it("make a role to preview and a role to deploy for each stage", () => {
    expect(asked("iam create-role").map((options) => options["--role-name"])).toEqual([
      "webhook-pipeline-preview-dev",
      "webhook-pipeline-deploy-dev",
      "webhook-pipeline-preview-prod",
      "webhook-pipeline-deploy-prod",
    ]);
  });

  it("let only the stage's own environment deploy, and pull requests only preview", () => {
    const subjects = asked("iam create-role").map((options) => {
      const text = options["--assume-role-policy-document"] ?? "";
      const [statement] = (JSON.parse(text) as Document).Statement;
      const { StringEquals = {} } = statement?.Condition ?? {};
      expect(StringEquals["token.actions.githubusercontent.com:aud"]).toBe("sts.amazonaws.com");
      return StringEquals["token.actions.githubusercontent.com:sub"];
    });
    const readers = [
      "repo:my-team/webhook-pipeline:pull_request",
      "repo:my-team/webhook-pipeline:ref:refs/heads/main",
    ];
    expect(subjects).toEqual([
      readers,
      ["repo:my-team/webhook-pipeline:environment:dev"],
      readers,
      ["repo:my-team/webhook-pipeline:environment:prod"],
    ]);
  });

  it("give each role its policies, for its own account, Region and stage", () => {
    const made = asked("iam create-policy").map((options) => ({
      name: options["--policy-name"],
      document: options["--policy-document"] ?? "",
    }));
    const roles = rolePolicies();
    const expected = ["dev", "prod"].flatMap((stage) =>
      [...Object.entries(roles.preview), ...Object.entries(roles.deploy)].map(([name, document]) => ({
        name: `webhook-pipeline-${name}-${stage}`,
        document: JSON.stringify(document)
          .replaceAll("123456789012", account)
          .replaceAll("eu-west-1", region)
          .replaceAll('"dev"', `"${stage}"`),
      })),
    );
    expect(made).toEqual(expected);
    expect(asked("iam attach-role-policy").map((options) => options["--policy-arn"])).toEqual(
      expected.map(({ name }) => `arn:of:${name}`),
    );
  });

  it("let who previews read the backend, and who deploys write it", () => {
    const actions = asked("iam put-role-policy").map((options) =>
      (JSON.parse(options["--policy-document"] ?? "") as Document).Statement.flatMap(
        ({ Action }) => Action,
      ).join(" "),
    );
    const [preview, deploy] = [
      "s3:ListBucket s3:GetObject kms:Decrypt",
      "s3:ListBucket s3:GetObject s3:PutObject s3:DeleteObject kms:Decrypt",
    ];
    expect(actions).toEqual([preview, deploy, preview, deploy]);
  });
});

function callOf([service, operation, ...rest]: readonly string[]): Call {
  const options = Object.fromEntries(
    rest.flatMap((word, index) => (word.startsWith("--") ? [[word, rest[index + 1] ?? ""]] : [])),
  );
  return { command: `${service} ${operation}`, options };
}
