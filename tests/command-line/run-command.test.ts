import { describe, expect, it } from "vitest";
import {
  CommandError,
  NothingMatchedError,
  RefusedError,
  UsageError,
} from "../../command-line/command-error.js";
import { exitCodes } from "../../command-line/exit-code.js";
import { withExamples } from "../../command-line/help.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { runCommands } from "../support/command-line.js";

/** A command that writes a line of data, tells a line, and then ends like this. */
const endingWith =
  (end: () => unknown): DefineCommand =>
  (program, action) => {
    const command = program
      .command("look")
      .description("Look at it.")
      .option("--source <name>", "a source")
      .action(
        action(async ({ console }) => {
          console.data("found");
          console.tell("looking");
          return (await end()) as undefined;
        }),
      );
    withExamples(command, "npm run tool -- look --source shop");
  };
const failingWith = (error: Error) =>
  endingWith(() => {
    throw error;
  });
const run = (command: DefineCommand, ...args: string[]) => runCommands([command], args);
const looking = endingWith(() => undefined);

describe("a command", () => {
  it("writes data to standard output and everything else to standard error", async () => {
    expect(await run(looking, "look")).toEqual({ code: 0, data: "found\n", told: "looking\n" });
  });

  it("ends with the code that its action gives", async () => {
    expect(
      (
        await run(
          endingWith(() => exitCodes.different),
          "look",
        )
      ).code,
    ).toBe(5);
  });

  it.each([
    [new CommandError("it broke"), 1],
    [new UsageError("no such source"), 2],
    [new NothingMatchedError("nothing there"), 3],
    [new RefusedError("it is not safe"), 4],
  ])("ends with a code of its own for %s", async (error, code) => {
    expect(await run(failingWith(error), "look")).toEqual({
      code,
      data: "found\n",
      told: `looking\n${error.message}\n`,
    });
  });

  it("says what to do next", async () => {
    const { told } = await run(failingWith(new CommandError("no pipeline", { next: "npm start" })), "look");
    expect(told).toBe("looking\nno pipeline\nnext: npm start\n");
  });

  it("has its errors as JSON where a program reads it", async () => {
    const error = new UsageError("no such source", { next: "list" });
    const { told } = await run(failingWith(error), "look", "--json");
    const [, line = ""] = told.split("\n");
    expect(JSON.parse(line)).toEqual({ error: { message: "no such source", next: "list", exitCode: 2 } });
  });

  it("shows where in the code an error of ours is from, and only its message as JSON", async () => {
    const failing = failingWith(new TypeError("x is undefined"));
    const { code, told } = await run(failing, "look");
    expect(code).toBe(1);
    expect(told).toMatch(/TypeError: x is undefined\n {4}at /);
    expect((await run(failing, "look", "--json")).told).toContain(
      '{"error":{"message":"x is undefined","exitCode":1}}',
    );
  });

  it("tells an error of AWS in a sentence", async () => {
    const denied = Object.assign(new Error("User ann may not"), {
      name: "AccessDeniedException",
      $metadata: {},
    });
    const { code, told } = await run(failingWith(denied), "look");
    expect([code, told]).toEqual([1, "looking\nAWS refused it: AccessDeniedException: User ann may not\n"]);
  });
});

describe("a command that is not understood", () => {
  it.each([
    [
      "another command",
      ["lokk"],
      "unknown command 'lokk' (Did you mean look?)\nnext: npm run tool -- --help\n",
    ],
    [
      "another option",
      ["look", "--sorce", "x"],
      "unknown option '--sorce' (Did you mean --source?)\nnext: npm run tool -- look --help\n",
    ],
    [
      "a value that is missing",
      ["look", "--source"],
      "option '--source <name>' argument missing\nnext: npm run tool -- look --help\n",
    ],
    [
      "an argument too many",
      ["look", "here"],
      "too many arguments for 'look'. Expected 0 arguments but got 1.\nnext: npm run tool -- look --help\n",
    ],
    ["no command", [], "a command is missing\nnext: npm run tool -- --help\n"],
  ])("does nothing for %s", async (_, args, told) => {
    expect(await run(looking, ...args)).toEqual({ code: 2, data: "", told });
  });

  it("is told as JSON where a program reads it", async () => {
    const { told } = await run(looking, "look", "--sorce", "--json");
    expect(JSON.parse(told)).toMatchObject({ error: { exitCode: 2, next: "npm run tool -- look --help" } });
  });
});

describe("help", () => {
  it("is data, with an example", async () => {
    const { code, data, told } = await run(looking, "look", "--help");
    expect([code, told]).toEqual([0, ""]);
    expect(data).toContain("Look at it.");
    expect(data).toContain("Examples:\n  $ npm run tool -- look --source shop");
    expect(data).toContain("--json");
  });
});
