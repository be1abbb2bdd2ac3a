import * as pulumi from "@pulumi/pulumi";
import { expect, it, vi } from "vitest";
import { recordProgram } from "../../program/record-program.js";

const options = {
  project: "shop",
  stack: "test",
  place: { account: "000000000000", region: "eu-west-1", endpoint: "http://127.0.0.1" },
};

it("prints what a program warns of as one plain line, and leaves the console as it was", async ({
  onTestFinished,
}) => {
  const warn = vi.spyOn(console, "warn").mockImplementation(() => {});
  onTestFinished(() => warn.mockRestore());
  const before = console.warn;

  await recordProgram(options, async () => {
    await pulumi.log.warn("nobody is told");
    return {};
  });
  expect(warn.mock.calls).toEqual([["warning: nobody is told"]]);
  expect(console.warn).toBe(before);
});
