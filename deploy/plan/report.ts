import { printable } from "../../command-line/console.js";
import { table } from "../../command-line/table.js";
import type { Change, Plan } from "./changes.js";
import { type Difference, shown } from "./differences.js";
import type { Notice } from "./notices.js";

/** How many differences of one resource are shown; JSON has all. */
const shownDifferences = 6;

/** A plan as people read it at a terminal. */
export function planAsText({ changes, existing }: Plan, notices: readonly Notice[]): string {
  if (changes.length === 0) return `no changes: all ${existing} resources are as the program wants them`;
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
  return parts.join("\n\n");
}

/** A plan for a pull request. */
export function planAsMarkdown(stage: string, plan: Plan, notices: readonly Notice[]): string {
  const { changes, existing } = plan;
  const title = `### Preview of ${stage}`;
  if (changes.length === 0)
    return `${title}\n\nNo changes: all ${existing} resources are as the program wants them.\n`;
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
    "",
    "| change | type | name | why |",
    "|---|---|---|---|",
    ...rows,
    "",
  ].join("\n");
}

/** A plan as programs read it. */
export function planAsJson(plan: Plan, notices: readonly Notice[]): object {
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
