import { printable } from "../../command-line/console.js";
import { table } from "../../command-line/table.js";
import type { Change } from "./changes.js";
import { type Difference, shown } from "./differences.js";
import { type CostInWords, costAsJson, costInWords } from "./monthly-cost.js";
import type { Preview } from "./preview.js";

/** How many differences of one resource are shown; JSON has all. */
const shownDifferences = 6;

/** A plan as people read it at a terminal. */
export function planAsText({ plan: { changes, existing }, notices, cost }: Preview): string {
  const costParts = cost === undefined ? [] : [costAsText(costInWords(cost))];
  if (changes.length === 0) {
    return [`no changes: all ${existing} resources are as the program wants them`, ...costParts].join("\n\n");
  }
  const rows = changes.flatMap((change) => {
    const [first = "", ...others] = reasons(change);
    return [
      [change.action, change.type, change.name, first],
      ...others.map((reason) => ["", "", "", reason]),
    ];
  });
  const parts = [
    table([["change", "type", "name", "why"], ...rows].map((row) => row.map(printable))),
    countsOf(changes),
  ];
  if (notices.length > 0) {
    parts.push(["What to know:", ...notices.map(({ text }) => `- ${printable(text)}`)].join("\n"));
  }
  return [...parts, ...costParts].join("\n\n");
}

function costAsText({ sum, lines, basis }: CostInWords): string {
  return [sum, ...lines.map((line) => `  ${line}`), ...basis.map((sentence) => `  ${sentence}`)].join("\n");
}

/** A plan for a pull request. */
export function planAsMarkdown(stage: string, { plan, notices, cost }: Preview): string {
  const { changes, existing } = plan;
  const title = `### Preview of ${stage}`;
  const costParts = cost === undefined ? [] : costAsMarkdown(costInWords(cost));
  if (changes.length === 0) {
    return [
      title,
      "",
      `No changes: all ${existing} resources are as the program wants them.`,
      ...costParts,
      "",
    ].join("\n");
  }
  const know =
    notices.length === 0
      ? []
      : ["", "**What to know**", "", ...notices.map(({ text }) => `- ${escaped(text)}`)];
  const rows = changes.map(
    (change) =>
      `| ${[change.action, change.type, change.name].map(escaped).join(" | ")} | ${reasons(change).map(escaped).join("<br>")} |`,
  );
  return [
    title,
    "",
    countsOf(changes),
    ...know,
    ...costParts,
    "",
    "| change | type | name | why |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

function costAsMarkdown({ sum, lines, basis }: CostInWords): string[] {
  const [what, ...amounts] = sum.split(": ");
  return [
    "",
    `**${what}**: ${amounts.join(": ")}`,
    ...(lines.length === 0 ? [] : ["", ...lines.map((line) => `- ${escaped(line)}`)]),
    ...(basis.length === 0 ? [] : ["", basis.map(escaped).join(" ")]),
  ];
}

/** A plan as programs read it. */
export function planAsJson({ plan, notices, cost }: Preview): object {
  return {
    changes: plan.changes.map(({ action, type, name, urn, differences, replacedBecause }) => ({
      action,
      type,
      name,
      urn,
      replacedBecause,
      differences: differences.map(({ path, from, to }) => ({ path, from: from ?? null, to: to ?? null })),
    })),
    notices,
    existing: plan.existing,
    ...(cost === undefined ? {} : { monthlyCost: costAsJson(cost) }),
  };
}

function countsOf(changes: readonly Change[]): string {
  return (["create", "import", "update", "replace", "delete"] as const)
    .map((action) => [changes.filter((change) => change.action === action).length, action] as const)
    .filter(([count]) => count > 0)
    .map(([count, action]) => `${count} to ${action}`)
    .join(", ");
}

function reasons({ differences, replacedBecause }: Change): string[] {
  const told = differences.slice(0, shownDifferences).map((difference) => {
    const [property = ""] = difference.path.split(/[.[]/);
    const replaces = replacedBecause.includes(property) ? " (cannot be changed in place)" : "";
    return `${asText(difference)}${replaces}`;
  });
  const more = differences.length - told.length;
  return more > 0 ? [...told, `and ${more} more, with --json`] : told;
}

export function asText({ path, from, to }: Difference): string {
  return `${path}: ${shown(from)} → ${shown(to)}`;
}

/** Text in a cell of a table. What a name or a value holds must not become markup. */
export function escaped(text: string): string {
  return printable(text)
    .replace(/[\\`*_[\]|~]/g, "\\$&")
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll("@", "&#64;");
}
