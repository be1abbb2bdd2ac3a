import {
  heartbeatSeconds,
  paths,
  type Refusal,
  type StreamEvents,
  type StreamRequest,
} from "../../contract.js";
import { CallError, type Caller, post } from "./api.js";
import { eventParser } from "./event-stream.js";

/** What is true of the list at this moment. */
export type Connection =
  | { readonly state: "connecting" }
  | { readonly state: "live" }
  /** What changed while there was no connection is being read. */
  | { readonly state: "catching-up" }
  /** There is a connection, and the server cannot read the history. */
  | { readonly state: "unread"; readonly since: number; readonly problem: Refusal["error"] }
  | { readonly state: "lost"; readonly since: number; readonly nextTryAt: number }
  /** The server refuses the stream: a new try would not help. */
  | { readonly state: "refused"; readonly message: string };

type StreamHandlers = {
  readonly [Name in keyof StreamEvents]?: (data: StreamEvents[Name]) => void;
};

export interface LiveStream {
  /** Connects at once instead of at the next try. */
  tryNow(): void;
  close(): void;
}

const usualRetryMilliseconds = 1_000;
const longestRetryMilliseconds = 15_000;
const longestSilenceMilliseconds = 2 * heartbeatSeconds * 1_000;

/**
 * Follows the stream, and connects again with the last event's id whenever it is lost: no event is missed, none comes twice.
 *
 * @param cursor id after which the stream goes on
 */
export function follow(
  caller: Caller,
  options: {
    readonly request: StreamRequest;
    readonly cursor: string | undefined;
    readonly handlers: StreamHandlers;
    readonly onConnection: (connection: Connection) => void;
  },
): LiveStream {
  const { request, handlers, onConnection } = options;
  let lastId = options.cursor;
  let isClosed = false;
  let connection: AbortController | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let lostSince: number | undefined;
  let triesInVain = 0;
  let retryMilliseconds = usualRetryMilliseconds;
  /** Set as long as the server says that it cannot read. */
  let unreadSince: number | undefined;

  const receive = (name: string, id: string | undefined, text: string) => {
    if (!(name in knownEvents)) return;
    const data = JSON.parse(text) as never;
    (handlers[name as keyof StreamEvents] as ((data: never) => void) | undefined)?.(data);
    // Only what was applied counts as had.
    if (id !== undefined) lastId = id;
    if (name === "reset") lastId = (data as StreamEvents["reset"]).cursor;
    if (name === "heartbeat") hear(data as StreamEvents["heartbeat"]);
    if (name === "webhooks") {
      const { isCatchingUp } = data as StreamEvents["webhooks"];
      onConnection({ state: isCatchingUp ? "catching-up" : "live" });
    }
  };

  const hear = ({ at, problem }: StreamEvents["heartbeat"]) => {
    if (problem === undefined) {
      unreadSince = undefined;
      onConnection({ state: "live" });
      return;
    }
    unreadSince ??= at;
    onConnection({ state: "unread", since: unreadSince, problem });
  };

  const connect = async () => {
    clearTimeout(timer);
    const controller = new AbortController();
    connection = controller;
    const silence = watchdog(longestSilenceMilliseconds, () => controller.abort());
    try {
      const response = await post(caller, paths.stream, request, {
        signal: controller.signal,
        headers: {
          accept: "text/event-stream",
          ...(lastId === undefined ? {} : { "last-event-id": lastId }),
        },
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      const parser = eventParser();
      onConnection({ state: lostSince === undefined ? "connecting" : "catching-up" });
      for (;;) {
        const { done = true, value = "" } = (await reader?.read()) ?? {};
        if (done) break;
        silence.heard();
        for (const { name, id, data } of parser.push(value)) {
          receive(name, id, data);
          lostSince = undefined;
          triesInVain = 0;
        }
        retryMilliseconds = parser.retryMilliseconds ?? retryMilliseconds;
      }
    } catch (error) {
      const status = error instanceof CallError ? error.status : undefined;
      if (!isClosed && status !== undefined && status < 500) {
        onConnection({ state: "refused", message: (error as Error).message });
        return;
      }
    } finally {
      silence.stop();
    }
    // Another connection may have taken over.
    if (isClosed || connection !== controller) return;
    lostSince ??= Date.now();
    const wait = Math.min(retryMilliseconds * 2 ** triesInVain, longestRetryMilliseconds);
    triesInVain += 1;
    onConnection({ state: "lost", since: lostSince, nextTryAt: Date.now() + wait });
    timer = setTimeout(() => void connect(), wait);
  };

  void connect();
  return {
    tryNow() {
      triesInVain = 0;
      const old = connection;
      void connect();
      old?.abort();
    },
    close() {
      isClosed = true;
      clearTimeout(timer);
      connection?.abort();
    },
  };
}

const knownEvents: Readonly<Record<keyof StreamEvents, true>> = {
  heartbeat: true,
  webhooks: true,
  reset: true,
  pipeline: true,
  action: true,
};

/** Calls `onSilence` once nothing was heard for so long. */
function watchdog(milliseconds: number, onSilence: () => void) {
  let timer = setTimeout(onSilence, milliseconds);
  return {
    heard() {
      clearTimeout(timer);
      timer = setTimeout(onSilence, milliseconds);
    },
    stop: () => clearTimeout(timer),
  };
}
