import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text as readText } from "node:stream/consumers";

import {
  type Action,
  type ActionState,
  type Detail,
  type Draft,
  type ListPage,
  type ListRow,
  type PipelineFigures,
  type Plan,
  paths,
  type Senders,
  type StageFacts,
  type StageIdentity,
  type StreamEvents,
} from "../../../inspector/contract.js";
import { bundlePage } from "../../../inspector/http/assets.js";
import { securityHeaders } from "../../../inspector/http/headers.js";
import { wordsOf } from "../../../inspector/page/state/filter.js";

/** What a {@link ContractServer} answers. */
export interface ServedStage {
  readonly identity: StageIdentity;
  readonly facts: StageFacts;
  readonly figures: PipelineFigures;
  readonly details: readonly Detail[];
  readonly senders: Senders;
  readonly draft: Draft;
}

/** Speaks the inspector's contract from memory, so that a test can do to the page what no stage does when it is asked to. */
export interface ContractServer {
  /** With the token. */
  readonly url: string;
  /** New webhooks, or known ones in a new state. */
  put(...details: readonly Detail[]): void;
  tell(figures: PipelineFigures): void;
  /** Cuts every stream, and answers none until it is said again. */
  setStreams(areOn: boolean): void;
  /** How many streams are open. */
  streams(): number;
  /** Every request, in its order. */
  readonly requests: readonly { readonly path: string; readonly body: unknown }[];
  close(): Promise<void>;
}

const token = "a-token";
const heartbeatMilliseconds = 1_000;
const retryMilliseconds = 200;

let bundle: ReturnType<typeof bundlePage> | undefined;

export async function startContractServer(served: ServedStage): Promise<ContractServer> {
  bundle ??= bundlePage();
  const { html, assets } = await bundle;
  const known = new Map(served.details.map((detail) => [detail.row.id, detail]));
  /** Rows in the order in which they changed; a stream's id is a length of it. */
  const changes: ListRow[] = [];
  const open = new Set<{ readonly response: ServerResponse; readonly filter: string }>();
  const requests: { path: string; body: unknown }[] = [];
  const plans = new Map<string, Action>();
  const states = new Map<string, ActionState>();
  let { figures } = served;
  let areStreamsOn = true;

  const send = <Name extends keyof StreamEvents>(
    response: ServerResponse,
    name: Name,
    data: StreamEvents[Name],
  ) => {
    const id = name === "webhooks" ? `id: ${changes.length}\n` : "";
    response.write(`event: ${name}\n${id}data: ${JSON.stringify(data)}\n\n`);
  };
  const beat = () => {
    for (const { response } of open) send(response, "heartbeat", { at: Date.now(), readAt: Date.now() });
  };
  const timer = setInterval(beat, heartbeatMilliseconds);

  const put = (...details: readonly Detail[]) => {
    for (const detail of details) {
      known.set(detail.row.id, detail);
      changes.push(detail.row);
    }
    const rows = details.map(({ row }) => row);
    for (const { response, filter } of open) {
      const fitting = rows.filter((row) => fits(row, filter));
      const gone = rows.filter((row) => !fits(row, filter)).map(({ id }) => id);
      send(response, "webhooks", { rows: fitting, gone, isCatchingUp: false });
    }
  };
  const tellAction = (state: ActionState) => {
    states.set(state.actionId, state);
    for (const { response } of open) send(response, "action", state);
  };

  const follow = (request: IncomingMessage, response: ServerResponse, filter: string) => {
    if (!areStreamsOn) {
      request.socket.destroy();
      return;
    }
    response.writeHead(200, { "content-type": "text/event-stream" });
    response.write(`retry: ${retryMilliseconds}\n\n`);
    const stream = { response, filter };
    open.add(stream);
    response.on("close", () => open.delete(stream));
    send(response, "heartbeat", { at: Date.now(), readAt: Date.now() });
    const missed = new Map(
      changes.slice(Number(request.headers["last-event-id"] ?? 0)).map((row) => [row.id, row]),
    );
    const rows = [...missed.values()].map(({ id }) => known.get(id)?.row).filter((row) => row !== undefined);
    if (rows.length > 0) {
      send(response, "webhooks", {
        rows: rows.filter((row) => fits(row, filter)),
        gone: [],
        isCatchingUp: false,
      });
    }
  };

  const answers: Readonly<Record<string, (body: never) => object | undefined>> = {
    [paths.stage]: () => served.facts,
    [paths.pipeline]: () => figures,
    [paths.list]: ({
      filter,
      limit = 100,
      older = "0",
    }: {
      filter: string;
      limit?: number;
      older?: string;
    }) => {
      const start = Number(older);
      const fitting = [...known.values()]
        .map(({ row }) => row)
        .filter((row) => fits(row, filter))
        .sort((one, other) => other.receivedAt - one.receivedAt);
      const page: ListPage = {
        rows: fitting.slice(start, start + limit),
        from: Date.now() - 86_400_000,
        to: Date.now(),
        ...(start + limit < fitting.length ? { older: String(start + limit) } : {}),
        ...(start === 0 ? { cursor: String(changes.length) } : {}),
      };
      return page;
    },
    [paths.detail]: ({ id }: { id: string }) => known.get(id),
    [paths.senders]: () => served.senders,
    [paths.draft]: () => served.draft,
    [paths.plan]: (action: Action) => {
      const planId = `plan-${plans.size + 1}`;
      plans.set(planId, action);
      return planOf(planId, action, served.identity);
    },
    [paths.confirm]: ({ planId }: { planId: string }) => {
      const action = plans.get(planId);
      if (action === undefined) return undefined;
      plans.delete(planId);
      const state: ActionState = {
        actionId: planId,
        kind: action.kind,
        state: "running",
        done: 0,
        total: 1,
        lines: [],
        canStop: true,
      };
      setImmediate(() => {
        if (action.kind === "replay") {
          for (const id of action.ids ?? []) {
            const detail = known.get(id);
            if (detail !== undefined) put(replayed(detail));
          }
        }
        tellAction({
          ...state,
          state: "done",
          done: 1,
          lines: ["asked 1, replayed 1, skipped 0, failed 0"],
          summary: "Done: 1 webhook is in the queue.",
          canStop: false,
        });
      });
      return state;
    },
    [paths.action]: ({ actionId }: { actionId: string }) => states.get(actionId),
  };

  const server = createServer(async (request, response) => {
    const path = request.url ?? "/";
    const file = path === "/" ? { type: "text/html; charset=utf-8", body: html } : assets.get(path);
    if (request.method === "GET" && file !== undefined) {
      response.writeHead(200, { ...securityHeaders, "Content-Type": file.type });
      response.end(file.body);
      return;
    }
    const body = JSON.parse((await readText(request)) || "{}") as { filter?: string };
    requests.push({ path, body });
    const refuse = (status: number, message: string) => {
      response.writeHead(status, { "content-type": "application/json" });
      response.end(JSON.stringify({ stage: served.identity, error: { message } }));
    };
    if (request.headers.authorization !== `Bearer ${token}`) return refuse(401, "The token is missing.");
    const unknown = wordsOf(body.filter ?? "").find(
      ({ name, value }) =>
        name === "outcome" && !served.facts.outcomes.some((outcome) => outcome.name === value),
    );
    if (unknown !== undefined) return refuse(400, `outcome: there is no outcome "${unknown.value}".`);
    if (path === paths.stream) return follow(request, response, body.filter ?? "");
    const answer = answers[path]?.(body as never);
    if (answer === undefined) return refuse(404, "There is no such webhook.");
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ stage: served.identity, ...answer }));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;

  return {
    url: `http://127.0.0.1:${port}/#token=${token}`,
    put,
    tell(latest) {
      figures = latest;
      for (const { response } of open) send(response, "pipeline", latest);
    },
    setStreams(areOn) {
      areStreamsOn = areOn;
      if (!areOn) for (const { response } of open) response.destroy();
    },
    streams: () => open.size,
    requests,
    async close() {
      clearInterval(timer);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** As much of a filter as these tests type. */
function fits(row: ListRow, filter: string): boolean {
  const words = Map.groupBy(wordsOf(filter), ({ name }) => name ?? "text");
  return [...words].every(([name, alternatives]) => {
    const values = alternatives.map(({ value }) => value);
    if (name === "source") return values.some((value) => `${row.source}.`.startsWith(`${value}.`));
    if (name === "outcome") return values.includes(row.outcome);
    if (name === "type") return values.includes(row.type ?? "");
    if (name === "text") return values.every((value) => `${row.id} ${row.reason ?? ""}`.includes(value));
    return true;
  });
}

function replayed(detail: Detail): Detail {
  const { reason: _, ...row } = detail.row;
  return {
    ...detail,
    row: { ...row, outcome: "processed", attempts: row.attempts + 1, replays: row.replays + 1 },
  };
}

function planOf(planId: string, action: Action, { name, account, region }: StageIdentity): Plan {
  const about = {
    replay: "1 webhook",
    redrive: "3 dead letters",
    pause: "",
    resume: "",
    send: "webhooks",
  }[action.kind];
  const isOfMany = (action.kind === "replay" && action.filter !== undefined) || action.kind === "redrive";
  const rate = isOfMany ? (action.rate ?? 10) : undefined;
  const subject = "lane" in action && action.lane !== undefined ? `the lane ${action.lane}` : about;
  return {
    planId,
    kind: action.kind,
    lines: [
      `stage ${name} (account ${account}, Region ${region})`,
      `${action.kind} ${subject}`,
      "  asked by  ada",
      ...(rate === undefined ? [] : [`  rate      ${rate} a second`]),
      ...("reason" in action && action.reason !== undefined ? [`  because   ${action.reason}`] : []),
    ],
    question: `${action.kind[0]?.toUpperCase()}${action.kind.slice(1)} ${subject}?`,
    ...(rate === undefined ? {} : { rate }),
    command: `npm run ops -- ${action.kind} --stack ${name}`,
    expiresAt: Date.now() + 600_000,
  };
}
