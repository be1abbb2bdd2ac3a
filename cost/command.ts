import type { Graph } from "local-aws";
import { CommandError, UsageError } from "../command-line/command-error.js";
import { exitCodes } from "../command-line/exit-code.js";
import type { CommandLine, DefineCommand } from "../command-line/run-command.js";
import { messageForUser } from "../local/message-for-user.js";
import { readProgram } from "../local/program.js";
import { type Estimate, estimate } from "./estimate.js";
import { priceRegion, prices, pricesOf } from "./prices.js";
import { assumptionsInWords, costTable, money } from "./report.js";
import { type Operations, stageShape } from "./stage-shape.js";
import { type TrafficOptions, trafficOf, withTraffic } from "./traffic-options.js";

interface CostOptions extends TrafficOptions {
  readonly stack?: string;
  readonly file?: string;
  readonly budget?: string;
  readonly json?: boolean;
}

const defineCost: DefineCommand = (program, action) => {
  const command = program
    .command("cost")
    .description(
      "Estimate what a stage costs in a month, from the resources that its settings make. AWS is not asked.",
    )
    .usage("-- --stack <name> [options]")
    .option("--stack <name>", "the stage whose settings are read")
    .option("--file <file>", "the stage's file, if it is not Pulumi.<name>.yaml");
  withTraffic(command)
    .option("--budget <dollars>", "exit with 1 if a month costs more")
    .option("--json", "one JSON object")
    .addHelpText(
      "after",
      "\nExample:\n  npm run cost -- --stack prod --webhooks 1000000/month --body 4KB --budget 50",
    )
    .action(
      action(async ({ console }, options: CostOptions) => {
        if (options.stack === undefined) {
          throw new UsageError("--stack is missing: name the stage, such as --stack prod");
        }
        const budget = options.budget === undefined ? undefined : dollars(options.budget);
        const traffic = trafficOf(options);
        const { resources, outputs } = await readStage(options.stack, options.file);
        const result = estimate(stageShape(resources, outputs.operations as Operations), traffic);
        const assumed = assumptionsInWords(traffic);
        console.data(
          options.json === true
            ? JSON.stringify(asJson(result, assumed), null, 2)
            : [costTable(result), "", ...assumed].join("\n"),
        );
        if (budget === undefined || result.dollarsPerMonth <= budget) return exitCodes.done;
        console.tell(
          `the stage ${options.stack} costs ${money(result.dollarsPerMonth)} USD a month, more than the budget of ${money(budget)}`,
        );
        return exitCodes.failed;
      }),
    );
};

/** `npm run cost -- --stack <name>` */
export const costCommand: CommandLine = {
  name: "npm run",
  description: "Estimate what a stage costs.",
  commands: [defineCost],
};

/** @throws CommandError for a stage that is not there, or whose settings are wrong */
async function readStage(stack: string, stageFile: string | undefined): Promise<Graph> {
  try {
    return await readProgram({ stack, ...(stageFile === undefined ? {} : { stageFile }) });
  } catch (error) {
    const message = messageForUser(error);
    throw message === undefined ? error : new CommandError(message, { cause: error });
  }
}

function asJson({ lines, ...totals }: Estimate, assumed: readonly string[]) {
  return {
    ...totals,
    lines: lines.map((line) => ({
      ...line,
      unit: prices[line.price].unit,
      source: prices[line.price].source,
    })),
    currency: "USD",
    region: priceRegion,
    pricesOf,
    assumptions: assumed,
  };
}

function dollars(text: string): number {
  const amount = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(amount))
    throw new UsageError(`--budget must be a number of US dollars, such as 50; got "${text}"`);
  return amount;
}
