/**
 * What the Lambda runtime does around a handler, as far as time is concerned, in a process of its own: imports the bundle
 * given as its argument once, and runs its `handler` for each event that the parent sends. Loaded by Node itself: only types
 * may be imported from the project here.
 */
import { randomUUID } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import type { Context, SQSBatchResponse, SQSEvent } from "aws-lambda";
import type { FunctionAnswer } from "./lambda-function.js";

type Handler = (event: SQSEvent, context: Context) => Promise<SQSBatchResponse>;

const timeoutMilliseconds = 30_000;
const tell = (answer: FunctionAnswer) => process.send?.(answer);

const { handler } = (await import(pathToFileURL(process.argv[2] ?? "").href)) as { handler: Handler };

process.on("message", (event: SQSEvent) => void invoke(event));
// The parent may be gone without having said so.
process.on("disconnect", () => process.exit());
tell({ kind: "ready" });

async function invoke(event: SQSEvent): Promise<void> {
  // Whatever the message's arrival still has to do is not the handler's.
  await turn();
  const context = lambdaContext();
  const startedAt = performance.now();
  try {
    const { batchItemFailures } = await handler(event, context);
    const milliseconds = performance.now() - startedAt;
    const failures = batchItemFailures.map(({ itemIdentifier }) => itemIdentifier);
    tell({ kind: "returned", milliseconds, failures });
  } catch (error) {
    tell({ kind: "threw", error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

function lambdaContext(): Context {
  const deadline = Date.now() + timeoutMilliseconds;
  return {
    callbackWaitsForEmptyEventLoop: true,
    functionName: "webhooks-processor",
    functionVersion: "$LATEST",
    invokedFunctionArn: "arn:aws:lambda:eu-west-1:000000000000:function:webhooks-processor",
    memoryLimitInMB: "512",
    awsRequestId: randomUUID(),
    logGroupName: "/aws/lambda/webhooks-processor",
    logStreamName: "2026/01/01/[$LATEST]0123456789abcdef",
    getRemainingTimeInMillis: () => Math.max(0, deadline - Date.now()),
    done: () => {},
    fail: () => {},
    succeed: () => {},
  };
}
