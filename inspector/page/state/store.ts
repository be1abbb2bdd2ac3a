import { batch, computed, effect, signal } from "@preact/signals";
import {
  type Action,
  type ActionState,
  type Detail,
  type ListPage,
  type ListRow,
  type PipelineFigures,
  paths,
  type StageFacts,
  type StageIdentity,
} from "../../contract.js";
import { type Address, readAddress, takeToken, writeAddress } from "./address.js";
import { CallError, type Caller, call as callServer } from "./api.js";
import { type Connection, follow, type LiveStream } from "./live.js";
import { noRows, rowsOf, settled, withChanges, withOlder } from "./rows.js";

/** A question to the server and what came of it. */
export interface Problem {
  readonly message: string;
  readonly next?: string;
}

/** What the page shows; its address says it. */
export const address = signal<Address>(readAddress(""));
export const stage = signal<StageIdentity | undefined>(undefined);
export const facts = signal<StageFacts | undefined>(undefined);
export const figures = signal<PipelineFigures | undefined>(undefined);
export const connection = signal<Connection>({ state: "connecting" });
/** The token is missing, or of an earlier start of the inspector. */
export const isUnknown = signal(false);

export const rows = signal(noRows);
export const listProblem = signal<Problem | undefined>(undefined);
/** Whether the first page of the present filter is still being read. */
export const isListLoading = signal(true);
export const isOlderLoading = signal(false);
/** Times between which the list looks. */
export const listSpan = signal<{ readonly from: number; readonly to: number } | undefined>(undefined);
/** Id of the row that the keyboard works on. */
export const active = signal<string | undefined>(undefined);
/** Nothing in the list may move: the pointer is over it, or it is scrolled. */
export const isHeld = signal(false);
/** Id of the webhook that the next one is compared with. */
export const marked = signal<string | undefined>(undefined);

/** What has been read of webhooks whose details are open. */
export const details = signal<ReadonlyMap<string, Detail>>(new Map());
export const detailProblems = signal<ReadonlyMap<string, Problem>>(new Map());

/** What the dialog is about. */
export const proposed = signal<Action | undefined>(undefined);
export const actions = signal<ReadonlyMap<string, ActionState>>(new Map());
export const isHelpOpen = signal(false);
/** What a screen reader is told. */
export const announcement = signal("");

export const isWritable = computed(() => stage.value?.isWritable === true);

const tokenKey = "inspector-token";
let token = "";

const caller: Caller = {
  token: () => token,
  onStage(identity) {
    if (JSON.stringify(identity) !== JSON.stringify(stage.peek())) stage.value = identity;
  },
  onUnknown() {
    isUnknown.value = true;
  },
};

/** Asks the server. */
export function ask<Content>(path: string, body: unknown, signal?: AbortSignal) {
  return callServer<Content>(caller, path, body, signal);
}

export function problemOf(error: unknown): Problem {
  const { message } = error as Error;
  const next = error instanceof CallError ? error.next : undefined;
  return { message, ...(next === undefined ? {} : { next }) };
}

/** Reads the address, and follows the stage until the page is closed. */
export function start(): void {
  readLocation();
  addEventListener("hashchange", readLocation);
  addEventListener("online", () => stream?.tryNow());
  effect(() => {
    const { filter } = address.value;
    if (filter !== openFilter) void openList(filter);
  });
  effect(() => {
    const { webhook, against } = address.value;
    for (const id of [webhook, against]) if (id !== undefined) void loadDetail(id);
  });
  effect(() => {
    if (!isHeld.value) rows.value = settled(rows.peek());
  });
  void loadFacts();
}

function readLocation(): void {
  const found = takeToken(location.hash);
  if (found !== undefined) {
    sessionStorage.setItem(tokenKey, found.token);
    history.replaceState(null, "", found.rest === "" || found.rest === "#" ? "#/webhooks" : found.rest);
    if (token !== "" && token !== found.token) {
      location.reload();
      return;
    }
  }
  token = sessionStorage.getItem(tokenKey) ?? "";
  address.value = readAddress(location.hash);
}

/**
 * Shows something else.
 *
 * @param how `replace`: the browser's way back does not stop here
 */
export function go(change: Partial<Address>, how: "push" | "replace" = "push"): void {
  const next = { ...address.peek(), ...change };
  const fragment = writeAddress(next);
  if (fragment === writeAddress(address.peek())) return;
  if (how === "push") history.pushState(null, "", fragment);
  else history.replaceState(null, "", fragment);
  address.value = readAddress(fragment);
}

/** Opens the details of a webhook, or closes them. */
export function open(id: string | undefined, how: "push" | "replace" = "push"): void {
  const { webhook: _, against: __, ...rest } = address.peek();
  const fragment = writeAddress(id === undefined ? rest : { ...rest, webhook: id });
  if (id !== undefined) active.value = id;
  if (fragment === writeAddress(address.peek())) return;
  if (how === "push") history.pushState(null, "", fragment);
  else history.replaceState(null, "", fragment);
  address.value = readAddress(fragment);
}

async function loadFacts(): Promise<void> {
  try {
    facts.value = await ask<StageFacts>(paths.stage, {});
    figures.value ??= await ask<PipelineFigures>(paths.pipeline, {});
  } catch (error) {
    if (facts.peek() === undefined) listProblem.value = problemOf(error);
  }
}

let openFilter: string | undefined;
let stream: LiveStream | undefined;
let reading = new AbortController();
const firstPage = 200;
const olderPage = 500;

/** Reads the list anew, and follows what changes in it. */
async function openList(filter: string): Promise<void> {
  openFilter = filter;
  stream?.close();
  reading.abort();
  reading = new AbortController();
  const { signal } = reading;
  isListLoading.value = true;
  listProblem.value = undefined;
  try {
    const page = await ask<ListPage>(paths.list, { filter, limit: firstPage }, signal);
    if (signal.aborted) return;
    batch(() => {
      rows.value = rowsOf(page);
      listSpan.value = { from: page.from, to: page.to };
      isListLoading.value = false;
      announcement.value = `${page.rows.length}${page.older === undefined ? "" : " or more"} webhooks`;
    });
    followFrom(filter, page.cursor);
  } catch (error) {
    if (signal.aborted) return;
    batch(() => {
      isListLoading.value = false;
      listProblem.value = problemOf(error);
    });
    const status = error instanceof CallError ? error.status : undefined;
    // A filter that cannot be understood leaves the last list; only a server that is away is worth another try.
    if (status === undefined || status >= 500) retryList(filter, signal);
  }
}

const retryListMilliseconds = 2_000;

function retryList(filter: string, signal: AbortSignal): void {
  const since = Date.now();
  connection.value = { state: "lost", since, nextTryAt: since + retryListMilliseconds };
  setTimeout(() => {
    if (signal.aborted) return;
    void loadFacts();
    void openList(filter);
  }, retryListMilliseconds);
}

function followFrom(filter: string, cursor: string | undefined): void {
  stream = follow(caller, {
    request: { filter },
    cursor,
    onConnection: (state) => {
      connection.value = state;
    },
    handlers: {
      webhooks: ({ rows: changed, gone }) => applyChanges(changed, gone),
      reset: () => void openList(filter),
      pipeline: (latest) => {
        figures.value = latest;
      },
      action: (state) => {
        actions.value = new Map(actions.peek()).set(state.actionId, state);
        // What is open need not be one of the filter's, of which alone the stream tells.
        const { webhook } = address.peek();
        if (state.state !== "running" && webhook !== undefined) void loadDetail(webhook);
      },
    },
  });
}

function applyChanges(changed: readonly ListRow[], gone: readonly string[]): void {
  rows.value = withChanges(rows.peek(), { rows: changed, gone }, isHeld.peek());
  const { webhook, against } = address.peek();
  const opened = [webhook, against].flatMap((id) => (id === undefined ? [] : [details.peek().get(id)]));
  for (const detail of opened) {
    if (detail === undefined) continue;
    const ids = [detail.row, ...detail.subscribers].map(({ id }) => id);
    if ([...changed.map(({ id }) => id), ...gone].some((id) => ids.includes(id))) {
      void loadDetail(detail.row.id);
    }
  }
}

/** Connects at once. */
export function reconnect(): void {
  if (openFilter !== undefined && (stream === undefined || listProblem.peek() !== undefined))
    void openList(openFilter);
  else stream?.tryNow();
}

/** Reads the next page of older webhooks, once. */
export async function loadOlder(): Promise<void> {
  const { older } = rows.peek();
  // While another filter's list is being read, what is shown is still the last one's.
  if (older === undefined || isOlderLoading.peek() || isListLoading.peek()) return;
  const { signal } = reading;
  isOlderLoading.value = true;
  try {
    const page = await ask<ListPage>(
      paths.list,
      { filter: openFilter ?? "", limit: olderPage, older },
      signal,
    );
    if (!signal.aborted) rows.value = withOlder(rows.peek(), page);
  } catch (error) {
    if (!signal.aborted) listProblem.value = problemOf(error);
  } finally {
    isOlderLoading.value = false;
  }
}

/** Lets the rows that waited into the list. */
export function showWaiting(): void {
  rows.value = settled(rows.peek());
}

const loading = new Map<string, AbortController>();
const mostDetails = 50;

/** Reads the details of a webhook. What was read before stays until then. */
export async function loadDetail(id: string): Promise<void> {
  loading.get(id)?.abort();
  const controller = new AbortController();
  loading.set(id, controller);
  try {
    const detail = await ask<Detail>(paths.detail, { id }, controller.signal);
    batch(() => {
      const kept = [...details.peek()].filter(([key]) => key !== id).slice(-mostDetails);
      details.value = new Map([...kept, [id, detail]]);
      const { [id]: _, ...others } = Object.fromEntries(detailProblems.peek());
      detailProblems.value = new Map(Object.entries(others));
    });
  } catch (error) {
    if (controller.signal.aborted) return;
    detailProblems.value = new Map(detailProblems.peek()).set(id, problemOf(error));
  } finally {
    if (loading.get(id) === controller) loading.delete(id);
  }
}
