import { createServer } from "node:http";
import { listenOnLoopback } from "local-aws";

/** The AWS services that a function needs in addition to DynamoDB. */
export interface AwsServices {
  readonly endpoint: string;
  stop(): Promise<void>;
}

/**
 * Stands for Secrets Manager, with the same secret for every name, and for SQS, where every change of a visibility
 * timeout succeeds. Neither is timed: the secret is fetched in the warm-up, and no timed webhook returns to the queue.
 */
export async function startAwsServices(secret: string): Promise<AwsServices> {
  const server = createServer((request, response) => {
    request.resume();
    const operation = String(request.headers["x-amz-target"]).split(".")[1] ?? "";
    const answers: Record<string, object> = {
      GetSecretValue: { Name: "secret", SecretString: secret },
      ChangeMessageVisibility: {},
    };
    const answer = answers[operation];
    response
      .writeHead(answer === undefined ? 400 : 200, { "content-type": "application/x-amz-json-1.1" })
      .end(JSON.stringify(answer ?? { __type: "UnknownOperationException", message: operation }));
  });
  const { origin, close } = await listenOnLoopback(server);
  return { endpoint: origin, stop: close };
}
