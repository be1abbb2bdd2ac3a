import { afterAll } from "vitest";
import { type Answer, paths, type Refusal } from "../../../inspector/contract.js";
import { serve } from "../../../inspector/http/serve.js";
import type { Inspected } from "../../../inspector/inspected.js";

/** What a page sends and gets. */
export interface Page {
  /** Calls the server, and gives its status with what it answers: one or the other, as the test knows. */
  call<Content>(
    path: string,
    request: object,
  ): Promise<{ readonly status: number; readonly content: Answer<Content> & Refusal }>;
  /** Opens a stream. It ends with the test file. */
  stream(filter: string, lastEventId?: string): Promise<EventReader>;
}

export interface StreamedEvent {
  readonly name: string;
  readonly id: string | undefined;
  // Tests know which event they wait for.
  readonly data: Record<string, unknown>;
}

/** Reads a stream of server-sent events. */
export class EventReader {
  readonly events: StreamedEvent[] = [];
  #text = "";

  constructor(
    private readonly reader: ReadableStreamDefaultReader<Uint8Array>,
    private readonly abort: () => void,
  ) {}

  /** The next event for which the test holds, of those that come from now on or came before and were not asked for. */
  async until(test: (event: StreamedEvent) => boolean): Promise<StreamedEvent> {
    for (let index = 0; ; index += 1) {
      while (index >= this.events.length) await this.#readMore();
      const event = this.events[index];
      if (event !== undefined && test(event)) return event;
    }
  }

  close(): void {
    this.abort();
  }

  async #readMore(): Promise<void> {
    const { done, value } = await this.reader.read();
    if (done) throw new Error(`the stream has ended after ${JSON.stringify(this.events)}`);
    this.#text += Buffer.from(value).toString("utf8");
    const blocks = this.#text.split("\n\n");
    this.#text = blocks.pop() ?? "";
    for (const block of blocks) {
      const field = (name: string) => new RegExp(`^${name}: (.*)$`, "m").exec(block)?.[1];
      const data = field("data");
      if (data === undefined) continue;
      this.events.push({ name: field("event") ?? "", id: field("id"), data: JSON.parse(data) });
    }
  }
}

/** Serves an inspector of a stage for a test file, without its page. */
export async function servedPage(inspected: () => Promise<Inspected>): Promise<Page> {
  const inspector = await serve({ port: 0, inspected, page: () => Promise.reject(new Error("no page")) });
  afterAll(() => inspector.close());
  return pageOf(inspector);
}

/** The page at an address with its token. */
export function pageOf({ origin, token }: { readonly origin: string; readonly token: string }): Page {
  const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
  const streams: EventReader[] = [];
  afterAll(() => {
    for (const stream of streams) stream.close();
  });
  return {
    async call(path, request) {
      const response = await fetch(`${origin}${path}`, {
        method: "POST",
        headers,
        body: JSON.stringify(request),
      });
      return { status: response.status, content: JSON.parse(await response.text()) };
    },
    async stream(filter, lastEventId) {
      const abort = new AbortController();
      const response = await fetch(`${origin}${paths.stream}`, {
        method: "POST",
        headers: { ...headers, ...(lastEventId === undefined ? {} : { "last-event-id": lastEventId }) },
        body: JSON.stringify({ filter }),
        signal: abort.signal,
      });
      if (response.body === null || response.status !== 200) throw new Error(await response.text());
      const reader = new EventReader(response.body.getReader(), () => abort.abort());
      streams.push(reader);
      return reader;
    },
  };
}
