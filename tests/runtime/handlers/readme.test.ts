import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";
import { describe, expect, it } from "vitest";

const root = dirname(dirname(dirname(dirname(fileURLToPath(import.meta.url)))));
const folder = join(root, "runtime/handlers");

/** They know their events' types. */
const providers = ["github", "stripe"].map((name) => join(root, `providers/${name}.ts`));

/** The README's TypeScript blocks, as files beside it. */
function examples(): Map<string, string> {
  const readme = readFileSync(join(folder, "README.md"), "utf8");
  const blocks = [...readme.matchAll(/^```ts\n(.*?)^```$/gms)].map(([, text = ""]) => text);
  return new Map(blocks.map((text, index) => [join(folder, `readme-example-${index + 1}.ts`), text]));
}

/** Files of ours that must not compile, for the types' sake. */
const wrongEvents = join(folder, "wrong-events.ts");
const wrongHandler = join(folder, "wrong-handler.ts");
const wrong = new Map(
  Object.entries({
    [wrongEvents]: [
      'import { defineHandler } from "../define-handler.js";',
      'export const stripe = defineHandler<"stripe">((webhook) => {',
      '  if (webhook.type === "invoice.paid") webhook.json().data.object.amount_paid.toFixed();',
      '  if (webhook.type === "invoice.paid") webhook.json().data.object.amount_payed;',
      '  if (webhook.type === "invoice.payed") webhook.json();',
      "});",
      'export const github = defineHandler<"github">((webhook) => {',
      '  if (webhook.type === "push") webhook.json().commits.length.toFixed();',
      '  if (webhook.type === "issues") webhook.json().commits;',
      "});",
      'export const none = defineHandler<"a-provider-without-types">(() => {});',
    ],
    [wrongHandler]: [
      'import { z } from "zod";',
      'import { defineHandler } from "../define-handler.js";',
      "export default defineHandler({ schema: z.object({ id: z.string() }), handle({ id }) { id.toFixed(); } });",
      'export const other = defineHandler(() => "an answer that is none");',
    ],
  }).map(([name, lines]) => [name, lines.join("\n")] as const),
);

/** All files in one program, under the project's own options: to read their libraries takes most of the time. */
function compile(files: ReadonlyMap<string, string>): ts.Program {
  const config = ts.readConfigFile(join(root, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, root);
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name) ?? readFile(name);
  return ts.createProgram([...files.keys(), ...providers], options, host);
}

const program = compile(new Map([...examples(), ...wrong]));

/** What the compiler says of these files, by `file(line): message`. */
function problemsOf(names: Iterable<string>): string[] {
  const problems = [...names].flatMap((name) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(name)),
  );
  return problems.map(({ file, start = 0, messageText }) => {
    const line = file === undefined ? 0 : file.getLineAndCharacterOfPosition(start).line + 1;
    return `${file?.fileName}(${line}): ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

describe("the handlers' README", () => {
  it("has examples that compile as they stand", () => {
    const names = [...examples().keys()];
    expect(names.length).toBeGreaterThanOrEqual(5);
    expect(problemsOf(names)).toEqual([]);
  });

  it("is checked by types that know the events of providers", () => {
    const lines = problemsOf([wrongEvents]).map((problem) => /\((\d+)\): /.exec(problem)?.[1]);
    expect([...new Set(lines)]).toEqual(["4", "5", "9", "11"]);
  });

  it("is checked by types that know a wrong handler", () => {
    const problems = problemsOf([wrongHandler]);
    expect(problems.some((problem) => /\(3\): .*toFixed/.test(problem))).toBe(true);
    expect(problems.some((problem) => problem.includes("(4): "))).toBe(true);
  });
});
