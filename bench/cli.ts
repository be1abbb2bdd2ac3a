import { type ParseArgsConfig, parseArgs } from "node:util";
import { UserError } from "local-aws";
import { messageForUser } from "../local/message-for-user.js";
import { exitWithParent } from "../local/orphan.js";

/** A benchmark. Resolves to the process's exit code, 1 if a target was missed. */
type Benchmark = (args: string[]) => Promise<number>;

const onProgress = (step: string) => console.error(step);

const benchmarks: Readonly<Record<string, Benchmark>> = {
  /** `npm run bench -- handler [--rounds 9] [--latency 5] [--json]` */
  async handler(args) {
    const values = parse(args, "handler [--rounds 9] [--latency 5] [--json]", {
      rounds: { type: "string", default: "9" },
      latency: { type: "string", default: "5" },
      json: { type: "boolean", default: false },
    });
    const { compareHandlers } = await import("./handler/compare.js");
    const { asJson, asText } = await import("./handler/report.js");
    const { judge } = await import("./handler/targets.js");
    const comparison = await compareHandlers({
      rounds: wholeNumber("rounds", values.rounds, 1, 1_000),
      latencyMilliseconds: wholeNumber("latency", values.latency, 0, 1_000),
      onProgress,
    });
    const verdicts = judge(comparison);
    console.log(values.json ? asJson(comparison, verdicts) : asText(comparison, verdicts));
    return verdicts.every(({ met }) => met) ? 0 : 1;
  },

  /** `npm run bench -- start [--rounds 9] [--json]` */
  async start(args) {
    const values = parse(args, "start [--rounds 9] [--json]", {
      rounds: { type: "string", default: "9" },
      json: { type: "boolean", default: false },
    });
    const { timeStarts } = await import("./start/time-starts.js");
    const { asText, judge } = await import("./start/report.js");
    const starts = await timeStarts(wholeNumber("rounds", values.rounds, 1, 1_000), onProgress);
    const verdicts = judge(starts);
    console.log(values.json ? JSON.stringify({ ...starts, verdicts }, null, 2) : asText(starts, verdicts));
    return verdicts.every(({ met }) => met) ? 0 : 1;
  },

  /** `npm run bench -- fan-out [--webhooks 1000] [--minutes 60] [--json]` */
  async "fan-out"(args) {
    const values = parse(args, "fan-out [--webhooks 1000] [--minutes 60] [--json]", {
      webhooks: { type: "string", default: "1000" },
      minutes: { type: "string", default: "60" },
      json: { type: "boolean", default: false },
    });
    const { runLoad } = await import("./fan-out/run-load.js");
    const { judge } = await import("./fan-out/promises.js");
    const { asText } = await import("./fan-out/report.js");
    const result = await runLoad({
      webhooks: wholeNumber("webhooks", values.webhooks, 1, 100_000),
      timeoutSeconds: 20,
      killEverySeconds: 5,
      mostSeconds: 60 * wholeNumber("minutes", values.minutes, 1, 1_440),
      onProgress,
    });
    const promises = judge(result);
    console.log(values.json ? JSON.stringify({ ...result, promises }, null, 2) : asText(result, promises));
    return promises.every(({ kept }) => kept) ? 0 : 1;
  },
};

function parse<const Options extends NonNullable<ParseArgsConfig["options"]>>(
  args: string[],
  usage: string,
  options: Options,
) {
  try {
    return parseArgs({ args, options, strict: true }).values;
  } catch (error) {
    const [message = ""] = (error as Error).message.split(". ");
    throw new UserError(`${message}; usage: npm run bench -- ${usage}`);
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
    console.error(messageForUser(error) ?? error);
    return 1;
  }
}

exitWithParent();
process.exitCode = await main(process.argv.slice(2));
