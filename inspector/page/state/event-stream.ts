/** An event of a stream (html.spec.whatwg.org/multipage/server-sent-events.html). */
export interface StreamEvent {
  readonly name: string;
  readonly data: string;
  /** Absent where the event has none of its own. */
  readonly id?: string;
}

export interface EventParser {
  /** Takes text as it arrives, cut anywhere, and gives the events that are complete. */
  push(text: string): StreamEvent[];
  /** Milliseconds after which the server wants a new try; absent until it says so. */
  readonly retryMilliseconds: number | undefined;
}

/** Reads a stream of server-sent events. `EventSource` cannot, because it sends neither a body nor headers. */
export function eventParser(): EventParser {
  let rest = "";
  let data: string[] = [];
  let name = "message";
  let id: string | undefined;
  let retryMilliseconds: number | undefined;

  const readLine = (line: string): StreamEvent | undefined => {
    if (line === "") {
      const event = { name, data: data.join("\n"), ...(id === undefined ? {} : { id }) };
      const isEmpty = data.length === 0;
      data = [];
      name = "message";
      id = undefined;
      return isEmpty ? undefined : event;
    }
    const colon = line.indexOf(":");
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "data") data.push(value);
    else if (field === "event") name = value;
    else if (field === "id") id = value;
    else if (field === "retry" && /^\d+$/.test(value)) retryMilliseconds = Number(value);
    return undefined;
  };

  return {
    push(text) {
      const lines = (rest + text).split(/\r\n|\n|\r(?!$)/);
      rest = lines.pop() ?? "";
      return lines.flatMap((line) => readLine(line) ?? []);
    },
    get retryMilliseconds() {
      return retryMilliseconds;
    },
  };
}
