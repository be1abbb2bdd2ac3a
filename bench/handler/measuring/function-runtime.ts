/**
 * The part of the Lambda runtime that matters for time, in a separate process: it imports the bundle in its argument
 * once, and runs its `handler` for each event that the parent sends. Node loads it directly, so it may import only
 * types from the project.
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
// The parent may have ended without a message.
process.on("disconnect", () => process.exit());
tell({ kind: "ready" });

async function invoke(event: SQSEvent): Promise<void> {
  // The remaining work of receiving the message does not belong to the handler.
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
