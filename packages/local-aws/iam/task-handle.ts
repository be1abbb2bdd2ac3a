/** What the handle of an SQS move task says; IAM reads from it whose permission a call needs. */
export interface NamedTask {
  readonly taskId: string;
  /** The queue that the task empties. */
  readonly sourceArn: string;
}

export const taskHandle = ({ taskId, sourceArn }: NamedTask): string =>
  Buffer.from(JSON.stringify({ taskId, sourceArn })).toString("base64");

/** Undefined for what is not one of SQS's handles. */
export function readTaskHandle(handle: string): NamedTask | undefined {
  try {
    const { taskId, sourceArn } = JSON.parse(Buffer.from(handle, "base64").toString("utf8"));
    return typeof taskId === "string" && typeof sourceArn === "string" ? { taskId, sourceArn } : undefined;
  } catch {
    return undefined;
  }
}
