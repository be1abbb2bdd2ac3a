import { CommandError } from "../../command-line/command-error.js";
import type { AttemptLog } from "../../ops/history/attempt-logs.js";
import { eventTypesOf } from "../../ops/history/contents.js";
import { openHistory } from "../../ops/history/open-history.js";
import { timeWindow } from "../../ops/history/time-window.js";
import { lackOf } from "../../ops/replay/plan.js";
import {
  describeWebhook,
  endpointOf,
  type Found,
  importantHeaders,
  sourceOfWebhook,
} from "../../ops/show/describe.js";
import { curlCommand, fixtureModule, textOf } from "../../ops/show/request-forms.js";
import { attemptOf, type TimelineEntry } from "../../ops/show/timeline.js";
import { takerOf } from "../../ops/stage/takers.js";
import { withoutContentCoding } from "../../runtime/envelope/content-coding.js";
import { headerValues } from "../../runtime/envelope/headers.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import type { Detail, DetailLog, DetailRequest, DetailRequestContent, TimelineStep } from "../contract.js";
import type { Inspected } from "../inspected.js";
import { rowOf, rowsOf } from "./rows.js";

/** How long a webhook that was looked at is watched, although it has ended: somebody may replay it. */
const watchedMilliseconds = 60_000;

/** Where a fixture stands, unless a person puts it elsewhere: as `ops show --fixture` has it. */
const fixtureFile = "tests/runtime/handlers/fixture.ts";

/** All that `ops show` tells of a webhook. */
export async function detail({ stage, feed, laptop }: Inspected, { id }: DetailRequest): Promise<Detail> {
  const problems: string[] = [];
  const history = await openHistory(stage, { tell: (problem) => problems.push(problem) });
  const item = await history.find(id, timeWindow({}, Date.now()));
  await feed.expect([item], watchedMilliseconds);
  const webhook = await history.payloadOf(item);
  const found: Found = { stage, history, item, webhook };
  const { parts, logs, timeline, signature, lacks } = await describeWebhook(found);
  const type = webhook === undefined ? undefined : eventTypesOf(stage.outputs)(item, webhook);
  const cannotReplay = lacks === undefined ? lackOf(item) : lacks;
  const content = webhook === undefined ? undefined : requestOf(webhook, importantHeaders(found));
  const { omittedBody } = item;
  const [problem] = problems;
  return {
    row: rowOf(item, type, stage),
    timeline: stepsOf(timeline),
    subscribers: await rowsOf(parts, stage, history.reader),
    replayFor: subscribersOf(found),
    logs: logs.map(logOf),
    ...(cannotReplay === undefined || item.payloadOf !== undefined ? {} : { lacks: cannotReplay }),
    ...(content === undefined ? {} : { request: content }),
    ...(omittedBody === undefined
      ? {}
      : { omittedBody: { sha256: omittedBody.sha256, bytes: omittedBody.bytes } }),
    ...(signature === undefined ? {} : { signature }),
    ...(item.status === "ignored" && item.reason !== undefined ? { ignored: item.reason } : {}),
    ...(problem === undefined ? {} : { logsProblem: problem }),
    ...(webhook === undefined ? {} : formsOf(found, webhook)),
    ...(laptop === undefined ? {} : { laptop: laptop.factsOf(item) }),
  };
}

/** What a source's webhook can be replayed to; of a subscriber's own item the command knows whom it is for. */
function subscribersOf({ stage, item }: Found): string[] {
  const taker = takerOf(stage.outputs, item.source);
  if (taker === undefined || taker.subscriber !== undefined) return [];
  return Object.keys(stage.outputs.operations.sources[taker.source]?.subscribers ?? {});
}

function stepsOf(timeline: readonly TimelineEntry[]): TimelineStep[] {
  return timeline.map((entry, index) => {
    const before = timeline[index - 1];
    return { ...entry, ...(before === undefined ? {} : { afterMilliseconds: entry.at - before.at }) };
  });
}

function logOf({ at, level, message, fields }: AttemptLog): DetailLog {
  const attempt = attemptOf(fields);
  const { lambda_request_id: lambdaRequestId } = fields;
  return {
    at,
    level,
    message,
    fields,
    ...(attempt === undefined ? {} : { attempt }),
    ...(typeof lambdaRequestId === "string" ? { lambdaRequestId } : {}),
  };
}

function requestOf(webhook: StoredWebhook, important: ReadonlySet<string>): DetailRequestContent {
  const { method, path, sourceIp, headers, query, redacted = [], body } = webhook;
  const decoded = withoutContentCoding(webhook).body;
  const text = textOf(decoded);
  const coding = decoded === body ? undefined : headerValues(headers, "content-encoding").join(", ");
  return {
    method,
    path,
    sourceIp,
    headers: headers.map(([name, value]) => ({ name, value, matters: important.has(name.toLowerCase()) })),
    query: query.map(([name, value]) => ({ name, value })),
    redacted,
    body: {
      bytes: body.length,
      base64: body.toString("base64"),
      ...(text === undefined ? {} : { text }),
      ...(coding === undefined ? {} : { contentCoding: coding }),
    },
  };
}

/** The forms to copy; a source that the stage has no longer has none. */
function formsOf(found: Found, webhook: StoredWebhook): Pick<Detail, "curl" | "fixture"> {
  try {
    const curl = curlCommand(webhook, endpointOf(found));
    // Both paths from the repository's root, so that the fixture's import is right there.
    const fixture = fixtureModule(webhook, { ...sourceOfWebhook(found), file: fixtureFile, root: "." });
    return { curl, fixture };
  } catch (error) {
    if (error instanceof CommandError) return {};
    throw error;
  }
}
