import { parseArgs } from "node:util";
import * as pulumi from "@pulumi/pulumi";
import { UserError } from "local-aws";
import { exitWithParent } from "../local/orphan.js";
import { compareHandlers } from "./handler/compare.js";
import { asJson, asText } from "./handler/report.js";
import { judge } from "./handler/targets.js";

/** A benchmark. Resolves to the process's exit code. */
type Benchmark = (args: string[]) => Promise<number>;

const benchmarks: Readonly<Record<string, Benchmark>> = {
  /** `npm run bench -- handler [--rounds 9] [--latency 5] [--json]`; 1 if a target is missed. */
  async handler(args) {
    const values = parse(args);
    const comparison = await compareHandlers({
      rounds: wholeNumber("rounds", values.rounds ?? "9", 1, 1_000),
      latencyMilliseconds: wholeNumber("latency", values.latency ?? "5", 0, 1_000),
      onProgress: (step) => console.error(step),
    });
    const verdicts = judge(comparison);
    console.log(values.json === true ? asJson(comparison, verdicts) : asText(comparison, verdicts));
    return verdicts.every(({ met }) => met) ? 0 : 1;
  },
};

function parse(args: string[]) {
  const usage = "usage: npm run bench -- handler [--rounds 9] [--latency 5] [--json]";
  try {
    const { values } = parseArgs({
      args,
      options: { rounds: { type: "string" }, latency: { type: "string" }, json: { type: "boolean" } },
      strict: true,
    });
    return values;
  } catch (error) {
    const [message = ""] = (error as Error).message.split(". ");
    throw new UserError(`${message}; ${usage}`);
  }
}

function wholeNumber(option: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (text.trim() !== "" && Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UserError(`--${option} must be a whole number from ${least} to ${most}, got "${text}"`);
}

async function main([name = "", ...args]: string[]): Promise<number> {
  const benchmark = benchmarks[name];
  if (benchmark === undefined) {
    console.error(`"${name}" is not a benchmark; the benchmarks are ${Object.keys(benchmarks).join(", ")}`);
    return 1;
  }
  try {
    return await benchmark(args);
  } catch (error) {
    const forUser = error instanceof UserError || pulumi.RunError.isInstance(error);
    console.error(forUser ? (error as Error).message : error);
    return 1;
  }
}

exitWithParent();
process.exitCode = await main(process.argv.slice(2));
