/** A policy document of IAM. */
export interface PolicyDocument {
  readonly Version: "2012-10-17";
  readonly Statement: readonly PolicyStatement[];
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Action: readonly string[];
  readonly Resource: readonly string[];
  readonly Condition?: Condition;
}

/** Values by operator and key: `{ StringEquals: { "aws:ResourceTag/stage": "dev" } }` */
export type Condition = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;
