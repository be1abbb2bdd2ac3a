import { styleText } from "node:util";

type Format = Parameters<typeof styleText>[0];

/** Colours for a terminal, or nothing where there is none. */
export interface Style {
  bold(text: string): string;
  dim(text: string): string;
  good(text: string): string;
  warning(text: string): string;
  bad(text: string): string;
}

/**
 * The style of what is written to a stream: colours at a terminal, unless `NO_COLOR` has a value (no-color.org) or the terminal
 * says that it is a dumb one.
 */
export function styleFor(
  { isTTY }: { readonly isTTY?: boolean },
  env: Readonly<Record<string, string | undefined>>,
): Style {
  const isColoured = isTTY === true && !env.NO_COLOR && env.TERM !== "dumb";
  const as = (format: Format) => (text: string) =>
    // Node asks the process's own stream otherwise, which is not the one that is written to.
    isColoured ? styleText(format, text, { validateStream: false }) : text;
  return { bold: as("bold"), dim: as("dim"), good: as("green"), warning: as("yellow"), bad: as("red") };
}
