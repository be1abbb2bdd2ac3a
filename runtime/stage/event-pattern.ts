/**
 * An event pattern, checked and in plain JSON: what `settings/filters` makes of a pattern that is written as in Amazon
 * EventBridge. Its meaning is that of EventBridge
 * (https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html).
 */
export interface EventPattern {
  /** In the order in which they are written. No path is the beginning of another in the same combination. */
  readonly fields: readonly PatternField[];
  /**
   * Combinations of fields, by their positions. A webhook must fit all fields of one of them. Without `$or` there is one
   * combination.
   */
  readonly anyOf: readonly (readonly number[])[];
}

/** A place in a webhook, and what may stand there. */
export interface PatternField {
  /** Keys from the webhook's root, such as `["body", "amount"]`. Lists on the way are not named. */
  readonly path: readonly string[];
  /** A value must fit one of them. */
  readonly clauses: readonly Clause[];
}

/** What a value must be. A plain value stands for itself. */
export type Clause =
  | string
  | number
  | boolean
  | null
  | { readonly prefix: TextInCase }
  | { readonly suffix: TextInCase }
  | { readonly "equals-ignore-case": string }
  | { readonly wildcard: string }
  | { readonly "anything-but": Unwanted }
  | { readonly numeric: readonly NumericBound[] }
  /** False: no value may stand there. */
  | { readonly exists: boolean }
  /** `10.0.0.0/8`, `2001:db8::/32`. */
  | { readonly cidr: string }
  /** One IP address, which can be written in several ways. */
  | { readonly address: string };

/** A text, or one whose upper and lower case are the same. */
export type TextInCase = string | { readonly "equals-ignore-case": string };

/** What `anything-but` excludes. */
export type Unwanted =
  | readonly string[]
  | readonly number[]
  | { readonly prefix: readonly string[] }
  | { readonly suffix: readonly string[] }
  | { readonly "equals-ignore-case": readonly string[] }
  | { readonly wildcard: readonly string[] };

export type NumericBound = readonly [operator: NumericOperator, bound: number];

export type NumericOperator = "=" | "<" | "<=" | ">" | ">=";
