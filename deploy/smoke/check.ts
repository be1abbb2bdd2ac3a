/** What became of one look at a deployed stage. */
export interface Check {
  readonly what: string;
  /** `note`: nothing is broken, but somebody should know. */
  readonly result: "passed" | "failed" | "note";
  readonly text: string;
}
