/** How a command ended, for scripts. */
export const exitCodes = {
  /** All that was asked for was done. */
  done: 0,
  /** Something went wrong. Work that was done in part counts as failed. */
  failed: 1,
  /** The command was not understood: an unknown option, a missing or a wrong value. */
  wrongUsage: 2,
  /** Nothing fits what was asked for. */
  nothingMatched: 3,
  /** The command did not begin: a person declined, nobody could be asked, or it is not safe. */
  refused: 4,
  /** There are differences, where that was the question. */
  different: 5,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];
