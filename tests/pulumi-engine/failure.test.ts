import { describe, expect, it } from "vitest";
import { explainFailure, type Failure } from "../../pulumi-engine/failure.js";

const failed = (failure: Partial<Failure>) =>
  explainFailure({ command: "up", stack: "dev", text: "", errors: [], ...failure });

const urn =
  "urn:pulumi:dev::webhook-pipeline::webhooks:index:WebhookPipeline$aws:sqs/queue:Queue::webhooks-queue";

describe("a failure of the engine is told in a sentence", () => {
  it.each<[what: string, failure: Partial<Failure>, message: RegExp, next: RegExp]>([
    [
      "another update is at work",
      {
        text: "error: the stack is currently locked by 1 lock(s). Either wait for the other process(es) to end or delete the lock file with `pulumi cancel`.\n  file:///b/.pulumi/locks/organization/webhook-pipeline/dev/4.json: created by ann@laptop (pid 7) at 2026-11-26T03:00:00Z",
      },
      /^another update of dev is at work: ann@laptop \(pid 7\) at 2026-11-26T03:00:00Z$/,
      /unlock --stack dev/,
    ],
    [
      "the command line cannot be downloaded",
      {
        text: "Command failed with exit code 1: pulumi version\nDownloading pulumi v3.265.0...\npulumi: fetch failed",
      },
      /^Pulumi's command line is not here, and npm's package could not download it: fetch failed$/,
      /get\.pulumi\.com/,
    ],
    [
      "the passphrase is wrong",
      { text: "error: getting stack configuration: get stack secrets manager: incorrect passphrase" },
      /passphrase is not the one/,
      /PULUMI_CONFIG_PASSPHRASE/,
    ],
    [
      "the passphrase is missing",
      {
        text: "error: passphrase must be set with PULUMI_CONFIG_PASSPHRASE or PULUMI_CONFIG_PASSPHRASE_FILE environment variables",
      },
      /passphrase .* is missing/,
      /PULUMI_CONFIG_PASSPHRASE/,
    ],
    [
      "there is no such stack",
      { text: "error: no stack named 'dev' found" },
      /no stack dev/,
      /pulumi stack init dev/,
    ],
    [
      "the backend cannot be opened",
      { text: "error: unable to open bucket file:///nowhere: unable to open state directory" },
      /backend cannot be opened/,
      /pulumi login/,
    ],
    [
      "nobody is logged in",
      { text: "error: PULUMI_ACCESS_TOKEN must be set for login during non-interactive CLI sessions" },
      /backend cannot be opened/,
      /pulumi login/,
    ],
    [
      "there is no command line",
      { text: "spawn pulumi ENOENT" },
      /command line is missing/,
      /npx pulumi version/,
    ],
    [
      "the command line is too old",
      {
        text: "Minimum version requirement failed. The minimum CLI version requirement is 3.95.0, your current CLI version is 3.0.0. Please update the Pulumi CLI.",
      },
      /does not fit .* 3\.0\.0/,
      /npm ci/,
    ],
    [
      "a plugin is missing",
      {
        errors: [
          {
            message:
              "could not load plugin for aws provider: no resource plugin 'pulumi-resource-aws' found in the workspace at version v7.48.0",
            urn,
          },
        ],
      },
      /plugin pulumi-resource-aws is missing/,
      /pulumi install/,
    ],
    [
      "the account is another one",
      { errors: [{ message: "AWS account ID not allowed: 123456789012" }] },
      /account 123456789012.*allowedAccountIds/,
      /AWS_PROFILE/,
    ],
    [
      "the credentials have expired",
      {
        errors: [
          {
            message:
              "operation error STS: GetCallerIdentity, api error ExpiredToken: The security token included in the request is expired",
          },
        ],
      },
      /have expired/,
      /log in to AWS/,
    ],
    [
      "there are no credentials",
      { errors: [{ message: "unable to validate AWS credentials. No valid credential sources found." }] },
      /no AWS credentials/,
      /AWS_PROFILE/,
    ],
    [
      "something is protected",
      { errors: [{ message: 'resource "urn" cannot be deleted\nbecause it is protected.', urn }] },
      /^webhooks-queue: protected.*Nothing was done/,
      /changing-a-stage/,
    ],
    [
      "the program throws",
      {
        errors: [
          {
            message:
              "Running program '/app' failed with an unhandled exception:\n<ref *1> TypeError: x is not a function\n    at f",
          },
        ],
      },
      /the program threw: TypeError: x is not a function/,
      /typecheck/,
    ],
    [
      "the settings are wrong",
      {
        errors: [
          { message: "Pulumi.dev.yaml: 1 problem in the settings:\n  queue.type: must be standard or fifo" },
        ],
      },
      /settings are wrong.*queue\.type/s,
      /npm run synth/,
    ],
    [
      "AWS does not allow it",
      {
        errors: [
          {
            message:
              "creating SQS Queue: operation error SQS: CreateQueue, api error AccessDenied: User: arn:aws:iam::1:user/ci is not authorized to perform: sqs:CreateQueue on resource: x",
            urn,
          },
        ],
      },
      /AWS does not allow sqs:CreateQueue .*webhooks-queue/,
      /role/,
    ],
    [
      "AWS refuses a value",
      {
        errors: [
          {
            message:
              "1 error occurred:\n\t* creating SQS Queue: operation error SQS: CreateQueue, https response error StatusCode: 400, api error InvalidAttributeValue: Invalid value for the parameter RedrivePolicy.",
            urn,
          },
        ],
      },
      /AWS refused it \(webhooks-queue\): InvalidAttributeValue: Invalid value/,
      /deploy -- up --stack dev/,
    ],
  ])("%s", (_what, failure, message, next) => {
    const error = failed(failure);

    expect(error.message).toMatch(message);
    expect(error.next).toMatch(next);
  });

  it("does not take a file that the program misses for Pulumi's command line", () => {
    const message =
      "Running program '/app' failed with an unhandled exception:\nError: ENOENT: no such file or directory, open 'key.pem'";

    expect(failed({ text: message, errors: [{ message }] }).message).toMatch(
      /the program threw: Error: ENOENT/,
    );
  });

  it("with the engine's own words, if it is an unknown one", () => {
    expect(failed({ errors: [{ message: "the moon is full\nand bright" }] }).message).toBe(
      "the engine failed: the moon is full",
    );
  });

  it("with the engine's last fifty lines below", () => {
    const text = Array.from({ length: 80 }, (_, index) => `line ${index + 1}`).join("\n");

    expect(failed({ text }).details?.split("\n")).toHaveLength(50);
    expect(failed({ text }).details).toMatch(/line 80$/);
    expect(failed({ text: "\u001b[31mred\u001b[39m" }).details).toBe("red");
  });
});
