import type { LogLine, StateChange } from "local-aws";

/** A source as `npm start` introduces it. */
export interface StartedSource {
  readonly name: string;
  readonly endpoint: string;
  /** Absent where the source's scheme needs none. */
  readonly secret?: string;
  /** A shell command that sends a webhook that the source believes. */
  readonly command?: string;
  /** How to try it, where there is no such command. */
  readonly noCommand?: string;
}

export interface Started {
  readonly stack: string;
  readonly url: string;
  readonly sources: readonly StartedSource[];
  /** How often and for how long each lane tries a webhook that fails, in words. */
  readonly retries: Readonly<Record<string, string>>;
  /** The address of the page that shows the webhooks, if there is one. */
  readonly inspector?: string;
  /** Environment variables with which the AWS CLI and SDKs reach the local services. */
  readonly environment: Readonly<Record<string, string>>;
}

/** Shows what happens in a pipeline that runs on this machine. */
export interface Terminal {
  started(started: Started): void;
  /** A line of a function's log; one that only carries metrics is not shown. */
  log(line: LogLine): void;
  problem(problem: string): void;
  alarm(name: string, change: StateChange): void;
  stopping(): void;
}

/** @param print shows text on lines of its own */
export function terminal(print: (text: string) => void, format: "text" | "json"): Terminal {
  return format === "json" ? machineTerminal(print) : humanTerminal(print);
}

function humanTerminal(print: (text: string) => void): Terminal {
  return {
    started: (started) => print(welcome(started)),
    log(line) {
      const entry = readLogLine(line);
      if (entry !== undefined) print(readable(entry));
    },
    problem: (problem) => print(readable({ time: now(), level: "WARN", message: problem, fields: {} })),
    alarm(name, { from, to, reason, at }) {
      if (!isNews(from, to)) return;
      const level = to === "ALARM" ? "WARN" : "INFO";
      const message = `the alarm ${name} is ${to}, and was ${from}: ${reason}`;
      print(readable({ time: at.toISOString(), level, message, fields: {} }));
    },
    stopping: () => print("stopping"),
  };
}

/** One JSON object a line; `kind` says what it tells of. */
function machineTerminal(print: (text: string) => void): Terminal {
  const show = (kind: string, members: object) => print(JSON.stringify({ kind, ...members }));
  return {
    started: (started) => show("started", started),
    log(line) {
      const entry = readLogLine(line);
      if (entry === undefined) return;
      const { fields, ...own } = entry;
      show("log", { function: line.from, ...own, ...(Object.keys(fields).length === 0 ? {} : { fields }) });
    },
    problem: (message) => show("problem", { time: now(), message }),
    alarm(name, { from, to, reason, at }) {
      if (isNews(from, to)) show("alarm", { time: at.toISOString(), name, from, to, reason });
    },
    stopping: () => show("stopping", { time: now() }),
  };
}

const now = () => new Date().toISOString();

/** Every alarm becomes OK after the start, when it has its first data; nobody needs to know. */
const isNews = (from: string, to: string) => from === "ALARM" || to === "ALARM";

interface Entry {
  readonly time: string;
  readonly level: string;
  readonly webhookId?: string;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Undefined for lines of the gateway's access log and for those that only carry metrics. */
function readLogLine({ at, from, line }: LogLine): Entry | undefined {
  if (from === "access-log") return undefined;
  const record = asRecord(line);
  if (record === undefined) {
    // What Lambda itself writes of a function that failed to start, threw, crashed or took too long.
    const level = /^(INIT|[0-9a-f-]{36}) ERROR /.test(line) ? "ERROR" : "INFO";
    return { time: at.toISOString(), level, message: line, fields: {} };
  }
  const { timestamp, level, message, webhook_id, _aws, ...fields } = record;
  if (_aws !== undefined && message === undefined) return undefined;
  return {
    time: typeof timestamp === "string" ? timestamp : at.toISOString(),
    level: typeof level === "string" ? level : "INFO",
    ...(typeof webhook_id === "string" ? { webhookId: webhook_id } : {}),
    message: message === undefined ? "" : asText(message),
    fields,
  };
}

function asRecord(line: string): Record<string, unknown> | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

const asText = (value: unknown) => (typeof value === "string" ? value : JSON.stringify(value));

/** Time, level, webhook id and message, then the other fields; a stack trace on lines of its own. */
function readable({ time, level, webhookId = "-", message, fields }: Entry): string {
  const { stack, ...short } = fields;
  const named = Object.entries(short).map(([name, value]) => `${name}=${fieldText(value)}`);
  const trace = typeof stack === "string" ? stack.split("\n").slice(1) : [];
  const line = [time, level.padEnd(5), webhookId, message, ...named].filter((part) => part !== "").join("  ");
  return [line, ...trace].map(withoutControls).join("\n");
}

function fieldText(value: unknown): string {
  const text = asText(value) ?? "";
  return typeof value === "string" && /[\s"=]/.test(text) ? JSON.stringify(text) : text;
}

/** Parts of a line come from strangers, who must not be able to move a terminal's cursor or write a line of their own. */
function withoutControls(text: string): string {
  return text.replace(/\p{Cc}/gu, (control) =>
    control === "\t" ? control : `\\u${control.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
}

function welcome({ stack, url, sources, retries, inspector, environment }: Started): string {
  return [
    `The pipeline of stage "${stack}" runs on ${url}; Ctrl-C stops it and forgets everything.`,
    ...(inspector === undefined ? [] : [`See its webhooks at ${inspector}`]),
    "",
    ...sources.flatMap(({ name, endpoint, secret, command, noCommand }) => [
      name,
      `  posts to  ${endpoint}`,
      ...(secret === undefined
        ? []
        : [`  secret    ${secret.includes("\n") ? JSON.stringify(secret) : secret}`]),
      `  try it    ${command ?? noCommand}`,
      "",
    ]),
    "Before a webhook that fails goes to the dead-letter queue, it is",
    ...Object.entries(retries).map(([lane, inWords]) => `  ${inWords}, in ${lane}`),
    "",
    `The local AWS services answer on ${environment.AWS_ENDPOINT_URL}. To use them from a shell:`,
    `  export ${Object.entries(environment)
      .map(([name, value]) => `${name}=${value}`)
      .join(" ")}`,
    "",
  ].join("\n");
}
