import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { parseExactly, writeExactly } from "../../../runtime/envelope/json.js";
import { parsedFor } from "../../../runtime/filter/filtered-event.js";
import { PatternMatch } from "../../../runtime/filter/match.js";
import { parseEventPattern } from "../../../settings/filters/event-pattern.js";
import { generatePairs, generateWrongPatterns, type Pair } from "../../support/event-patterns.js";

/**
 * The command that asks AWS's own ruler (https://github.com/aws/event-ruler, 1.7.3): for each line `{"pattern": …, "event": …}`
 * of its input it prints `true`, `false`, or `error: …` for a pattern that is none.
 */
const ruler = process.env.EVENT_RULER ?? "";
const pairCount = 20_000;
const seed = Number(process.env.EVENT_RULER_SEED ?? 1);

interface Case {
  readonly pair: Pair;
  readonly matches: boolean;
}

/** What the ruler said of these cases, a line each. */
const recorded: readonly Case[] = readFileSync(
  new URL("../../fixtures/event-patterns.ndjson", import.meta.url),
  "utf8",
)
  .trimEnd()
  .split("\n")
  .map((line) => {
    const { pattern, matches } = JSON.parse(line) as { pattern: object; matches: boolean };
    const { event } = parseExactly(Buffer.from(line)) as { event: unknown };
    return { pair: { pattern, event: writeExactly(event) }, matches };
  });

/** `crash`: the ruler takes the pattern, and then fails inside. */
type Answer = "true" | "false" | "error" | "crash";

/** What we say. The pattern and the event are those of a webhook's body. */
function ours({ pattern, event }: Pair): Answer {
  const parsed = parseEventPattern({ body: pattern });
  if ("problems" in parsed) return "error";
  const body = parsedFor(parsed.pattern, Buffer.from(event));
  return new PatternMatch({ body }, parsed.pattern).fitting === undefined ? "false" : "true";
}

async function theirs(pairs: readonly Pair[]): Promise<Answer[]> {
  const child = spawn(ruler, { stdio: ["pipe", "pipe", "inherit"] });
  child.stdin.end(pairs.map(lineOf).join(""));
  const lines = (await text(child.stdout)).trimEnd().split("\n");
  expect(lines).toHaveLength(pairs.length);
  return lines.map((line) => {
    if (line === "true" || line === "false") return line;
    return line.includes("cannot be cast to class software.amazon.event.ruler") ? "crash" : "error";
  });
}

function lineOf({ pattern, event }: Pair): string {
  return `{"pattern":${JSON.stringify(pattern)},"event":${event}}\n`;
}

describe("event patterns mean what AWS's ruler says", () => {
  it("in each recorded case", () => {
    const different = recorded.filter(({ pair, matches }) => ours(pair) !== String(matches));

    expect(recorded.length).toBeGreaterThan(500);
    expect(different.map(({ pair }) => lineOf(pair))).toEqual([]);
  });
});

describe("what is generated to be asked", () => {
  const taken = generatePairs(30_000, seed).filter((pair) => ours(pair) !== "error");

  it("fits about as often as not, so that both answers are tried", () => {
    const share = taken.filter((pair) => ours(pair) === "true").length / taken.length;

    expect(taken.length).toBeGreaterThan(15_000);
    expect(share).toBeGreaterThan(0.25);
    expect(share).toBeLessThan(0.75);
  });

  it("has every operator, in fields that decide", () => {
    const operators = "prefix suffix equals-ignore-case wildcard anything-but numeric exists cidr $or".split(
      " ",
    );
    for (const operator of operators) {
      const using = taken.filter(({ pattern }) => JSON.stringify(pattern).includes(`"${operator}":`));
      const fitting = using.filter((pair) => ours(pair) === "true").length;
      expect([operator, fitting > 50, using.length - fitting > 50]).toEqual([operator, true, true]);
    }
  });
});

describe.skipIf(ruler === "")(
  "AWS's ruler (skipped unless EVENT_RULER names the command that asks it)",
  () => {
    it("still says what is recorded", { timeout: 120_000 }, async () => {
      const answers = await theirs(recorded.map(({ pair }) => pair));

      const different = recorded.filter(({ matches }, index) => answers[index] !== String(matches));
      expect(different.map(({ pair }) => lineOf(pair))).toEqual([]);
    });

    it("agrees on 20,000 generated pairs", { timeout: 600_000 }, async () => {
      const pairs = generatePairs(3 * pairCount, seed)
        .filter((pair) => ours(pair) !== "error")
        .slice(0, pairCount);
      expect(pairs).toHaveLength(pairCount);
      const answers = await theirs(pairs);

      const disagreed = pairs.filter((pair, index) => answers[index] !== ours(pair));
      const crashes = new Set(pairs.filter((_, index) => answers[index] === "crash"));
      const contradictions = await contradictionsAmong(disagreed.filter((pair) => !crashes.has(pair)));
      console.info(
        `event ruler: ${pairs.length - disagreed.length} of ${pairs.length} pairs agree (seed ${seed}).\n` +
          `It contradicts itself in ${contradictions.size}:\n${[...contradictions].map(lineOf).join("")}` +
          `It crashes in ${crashes.size}:\n${[...crashes].map(lineOf).join("")}`,
      );
      const rest = disagreed.filter((pair) => !contradictions.has(pair) && !crashes.has(pair));
      expect(rest.map(lineOf)).toEqual([]);
      expect(contradictions.size + crashes.size).toBeLessThan(pairCount / 500);
    });

    it("refuses what is refused here", { timeout: 120_000 }, async () => {
      const pairs = generateWrongPatterns(1_000, seed).map((pattern) => ({ pattern, event: "{}" }));
      const answers = await theirs(pairs);

      expect(pairs.filter((pair) => ours(pair) !== "error").map(lineOf)).toEqual([]);
      expect(pairs.filter((_, index) => answers[index] !== "error").map(lineOf)).toEqual([]);
    });
  },
);

/**
 * Pairs in which the ruler mixes up clauses that are in one list, such as a wildcard and a text in any case: asked for each
 * clause by itself, which must come to the same, it gives our answer.
 */
async function contradictionsAmong(pairs: readonly Pair[]): Promise<ReadonlySet<Pair>> {
  const split = pairs.flatMap((pair) =>
    oneClauseEach(pair.pattern).map((pattern) => ({ pair, single: { pattern, event: pair.event } })),
  );
  const answers = split.length === 0 ? [] : await theirs(split.map(({ single }) => single));
  return new Set(
    pairs.filter((pair) => {
      const own = answers.filter((_, index) => split[index]?.pair === pair);
      const isAnswered = own.every((answer) => answer === "true" || answer === "false");
      return isAnswered && String(own.includes("true")) === ours(pair);
    }),
  );
}

/** All patterns that have one clause of each field, and one alternative of each `$or`. Any of them must fit. */
function oneClauseEach(pattern: object): object[] {
  let variants: Record<string, unknown>[] = [{}];
  for (const [key, value] of Object.entries(pattern)) {
    const choices: object[] =
      key === "$or"
        ? (value as object[]).flatMap(oneClauseEach)
        : (Array.isArray(value) ? value.map((clause) => [clause]) : oneClauseEach(value)).map((choice) => ({
            [key]: choice,
          }));
    variants = variants.flatMap((one) => choices.map((choice) => merged(one, choice)));
  }
  return variants;
}

/** Two patterns in one. They have no field in common. */
function merged(one: object, other: object): Record<string, unknown> {
  const result: Record<string, unknown> = { ...one };
  for (const [key, value] of Object.entries(other)) {
    const known = result[key];
    result[key] = known === undefined ? value : merged(known as object, value as object);
  }
  return result;
}
