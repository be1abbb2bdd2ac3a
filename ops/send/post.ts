import { request as httpRequest } from "node:http";
import { request as httpsRequest } from "node:https";
import { CommandError } from "../../command-line/command-error.js";
import type { Sample } from "../../samples/sample.js";

/** What the front door answered. */
export interface Answer {
  readonly status: number;
  /** Its own id of the request, which the history and the log have too. */
  readonly id?: string;
  /** Its words, if it did not take the webhook. */
  readonly message?: string;
}

/** Where an HTTP API names its id of the request: docs/http-api.md */
const httpApiId = "apigw-requestid";

/** Whether the front door has queued the webhook. */
export function isTaken({ status }: Answer): boolean {
  return status >= 200 && status < 300;
}

const longestMilliseconds = 30_000;

/**
 * Posts a webhook. Its headers keep their case, as a sender's do.
 *
 * @throws CommandError if nothing answers
 */
export async function post({ url, headers, body }: Sample): Promise<Answer> {
  const request = url.startsWith("https:") ? httpsRequest : httpRequest;
  const { host } = new URL(url);
  return new Promise((resolve, reject) => {
    const failed = (error: NodeJS.ErrnoException) =>
      reject(
        new CommandError(`nothing answers at ${host} (${error.code ?? error.message})`, { cause: error }),
      );
    const sent = request(
      url,
      {
        method: "POST",
        headers: [...headers, ["Content-Length", String(body.length)], ["Host", host]].flat(),
        timeout: longestMilliseconds,
      },
      (response) => {
        const chunks: Buffer[] = [];
        response.on("data", (chunk: Buffer) => chunks.push(chunk));
        response.on("error", failed);
        response.on("end", () =>
          resolve({
            status: response.statusCode ?? 0,
            ...idOf(response.headers[httpApiId]),
            ...wordsOf(Buffer.concat(chunks).toString("utf8")),
          }),
        );
      },
    );
    sent.on("timeout", () => sent.destroy(new Error(`no answer in ${longestMilliseconds / 1000} s`)));
    sent.on("error", failed);
    sent.end(body);
  });
}

function idOf(header: string | string[] | undefined): Pick<Answer, "id"> {
  return typeof header === "string" ? { id: header } : {};
}

function wordsOf(body: string): Pick<Answer, "id" | "message"> {
  try {
    const { id, message } = JSON.parse(body) as { id?: string; message?: string };
    return { ...(id === undefined ? {} : { id }), ...(message === undefined ? {} : { message }) };
  } catch {
    return { message: body };
  }
}
