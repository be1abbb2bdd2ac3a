import type { Answer, Refusal, StageIdentity } from "../../contract.js";

/** The server refused, or could not be reached. */
export class CallError extends Error {
  constructor(
    message: string,
    /** Absent: there was no answer. */
    readonly status?: number,
    /** What to do next. */
    readonly next?: string,
  ) {
    super(message);
  }
}

/** What all calls share. */
export interface Caller {
  token(): string;
  /** Told of the stage that each answer is about. */
  onStage(stage: StageIdentity): void;
  /** Told that the token is missing or of an earlier start. */
  onUnknown(): void;
}

/** Posts a request to the server that the page came from. */
export async function post(
  caller: Caller,
  path: string,
  body: unknown,
  more: { readonly headers?: Readonly<Record<string, string>>; readonly signal?: AbortSignal } = {},
): Promise<Response> {
  const { headers, signal } = more;
  let response: Response;
  try {
    response = await fetch(path, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        authorization: `Bearer ${caller.token()}`,
        ...headers,
      },
      body: JSON.stringify(body),
      cache: "no-store",
      credentials: "omit",
      redirect: "error",
      ...(signal === undefined ? {} : { signal }),
    });
  } catch (error) {
    if (signal?.aborted) throw error;
    throw new CallError("The inspector does not answer.", undefined, "look whether it still runs");
  }
  if (response.ok) return response;
  if (response.status === 401) caller.onUnknown();
  const refusal = (await response.json().catch(() => undefined)) as Refusal | undefined;
  throw new CallError(
    refusal?.error.message ?? `The inspector answered with status ${response.status}.`,
    response.status,
    refusal?.error.next,
  );
}

/** Calls the server, and reads its answer. */
export async function call<Content>(
  caller: Caller,
  path: string,
  body: unknown,
  signal?: AbortSignal,
): Promise<Answer<Content>> {
  const response = await post(caller, path, body, signal === undefined ? {} : { signal });
  const answer = (await response.json()) as Answer<Content>;
  caller.onStage(answer.stage);
  return answer;
}
