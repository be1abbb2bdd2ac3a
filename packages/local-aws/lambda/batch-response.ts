/**
 * Which messages of a batch failed, from what the function returned under ReportBatchItemFailures (AWS fact 4.4):
 * docs.aws.amazon.com/lambda/latest/dg/services-sqs-errorhandling.html, "Success and failure conditions".
 *
 * Nothing returned, no list and an empty list mean that all succeeded, which is the trap: a forgotten `return` deletes the
 * whole batch. Whatever cannot be read as a list of these messages' ids means that all failed.
 *
 * @param payload the response as JSON; undefined where the function returned nothing
 */
export function failedMessageIds(
  payload: string | undefined,
  messageIds: readonly string[],
): ReadonlySet<string> {
  const all = new Set(messageIds);
  const response = parse(payload);
  if (response === null) return new Set();
  if (typeof response !== "object" || Array.isArray(response)) return all;
  const { batchItemFailures = null } = response as { batchItemFailures?: unknown };
  if (batchItemFailures === null) return new Set();
  if (!Array.isArray(batchItemFailures)) return all;

  const failed = new Set<string>();
  for (const entry of batchItemFailures) {
    const id = (entry as { itemIdentifier?: unknown } | null)?.itemIdentifier;
    if (typeof id !== "string" || !all.has(id)) return all;
    failed.add(id);
  }
  return failed;
}

function parse(payload: string | undefined): unknown {
  if (payload === undefined || payload === "") return null;
  try {
    return JSON.parse(payload);
  } catch {
    return "not JSON";
  }
}
