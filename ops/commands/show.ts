import { existsSync, writeFileSync } from "node:fs";
import { CommandError, RefusedError, UsageError } from "../../command-line/command-error.js";
import { type Console, printable } from "../../command-line/console.js";
import { withExamples } from "../../command-line/help.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { programFolder } from "../../local/program-folder.js";
import { withoutContentCoding } from "../../runtime/envelope/content-coding.js";
import { webhookIdOf } from "../../runtime/history/event-id.js";
import type { HistoryItem } from "../../runtime/history/item.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import { unreadableSource } from "../../runtime/payload/unreadable.js";
import { locatorsOf, type SignatureDefinition } from "../../runtime/signatures/definition.js";
import { type OpenHistory, openHistory } from "../history/open-history.js";
import { asJson, styledStatus } from "../history/shown.js";
import { timeWindow } from "../history/time-window.js";
import { lackOf } from "../replay/plan.js";
import { type ReplayNote, replayNotes } from "../replay/replay-notes.js";
import { curlCommand, fixtureModule, textOf } from "../show/request-forms.js";
import { explainSignature } from "../show/signature-check.js";
import { timelineOf, timelineText } from "../show/timeline.js";
import { openStage, type Stage, type StageOptions } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";
import { shownSource, takerOf, takersOf } from "../stage/takers.js";

interface ShowOptions extends StageOptions {
  readonly since?: string;
  readonly until?: string;
  readonly raw?: boolean;
  readonly curl?: boolean;
  readonly fixture?: string | true;
  readonly json?: boolean;
}

/** A webhook with all that is known of it. */
interface Found {
  readonly stage: Stage;
  readonly history: OpenHistory;
  readonly item: HistoryItem;
  /** As the history keeps it. */
  readonly webhook: StoredWebhook | undefined;
}

/** `show <id>`: one webhook, and what happened to it. */
export const defineShow: DefineCommand = (program, action) => {
  const command = withStageOptions(program.command("show"))
    .description("Show a webhook: what happened to it, its headers and its body.")
    .argument(
      "<id>",
      "its id, its event's id, the id that the sender was answered, or the beginning of one of the first two",
    )
    .option("--since <time>", "where to look for the beginning of an id: received since (default: 24h)")
    .option("--until <time>", "received before (default: now)")
    .option("--raw", "only the body, byte by byte")
    .option("--curl", "only a curl command that sends it again")
    .option(
      "--fixture [file]",
      "only a fixture for runHandlerOn, without what the source redacts; into a new file",
    )
    .action(
      action(async ({ console }, id: string, options: ShowOptions) => {
        const forms = (["raw", "curl", "fixture", "json"] as const).filter(
          (form) => options[form] !== undefined,
        );
        if (forms.length > 1)
          throw new UsageError(`--${forms.join(" and --")} exclude each other: leave one out`);
        const window = timeWindow(options, Date.now());
        const stage = await openStage(options);
        const history = await openHistory(stage, console);
        const item = await history.find(id, window);
        const webhook = await history.payloadOf(item);
        const found = { stage, history, item, webhook };
        if (options.raw) console.bytes(kept(found).body);
        else if (options.curl) console.data(curlCommand(kept(found), endpointOf(found)));
        else if (options.fixture !== undefined) writeFixture(console, found, options.fixture);
        else await showAll(console, found);
        return undefined;
      }),
    );
  withExamples(
    command,
    "npm run ops -- show evt_1NG8Du2eZvKYlo2CUI79vXWy --stack prod",
    "npm run -s ops -- show stripe/evt_1NG8 --stack prod --raw > body.json",
    "npm run ops -- show o-1 --stack prod --fixture tests/runtime/handlers/refund.ts",
  );
};

function kept({ item, webhook }: Found): StoredWebhook {
  if (webhook !== undefined) return webhook;
  throw new CommandError(
    `${printable(item.webhookId)} cannot be shown so: ${lackOf(item) ?? "its payload is gone"}`,
  );
}

function endpointOf({ stage, item }: Found): string {
  const source = takerOf(stage.outputs, item.source)?.source ?? item.source;
  const endpoint = (stage.local?.sources.find(({ definition }) => definition.name === source)?.endpoint ??
    stage.outputs.endpoints[source]) as string | undefined;
  if (endpoint !== undefined) return endpoint;
  throw new CommandError(`the source of ${printable(item.webhookId)} has no URL (any more)`);
}

function writeFixture(console: Console, found: Found, target: string | true): void {
  const source = takerOf(found.stage.outputs, found.item.source)?.source;
  const definition = found.stage.outputs.operations.sources[source ?? ""];
  if (source === undefined || definition === undefined) {
    throw new CommandError(
      `${printable(found.item.webhookId)} is of no source of the stage, so no handler gets it`,
    );
  }
  const file = target === true ? "tests/runtime/handlers/fixture.ts" : target;
  const text = fixtureModule(kept(found), { name: source, definition, file, root: programFolder });
  if (target === true) {
    console.bytes(text);
    return;
  }
  if (existsSync(target)) throw new RefusedError(`${target} exists already`, { next: "name a new file" });
  writeFileSync(target, text);
  console.tell(`written to ${target}`);
}

async function showAll(console: Console, found: Found): Promise<void> {
  const { stage, history, item, webhook } = found;
  const notes = replayNotes(await stage.clients.dynamoDb(), stage.outputs.historyTable);
  const window = { from: item.receivedAt - 60_000, to: Date.now() + 60_000 };
  const [parts, replays, logs] = await Promise.all([
    subscribersItems(found),
    notes.read(item.replayIds ?? []),
    history.logsOf("webhook_id", item.webhookId, window),
  ]);
  const signature = await signatureOf(found);
  const timeline = timelineOf(item, replays, logs);
  if (console.json) {
    console.data(JSON.stringify(jsonOf(found, { parts, replays, timeline, signature }), null, 2));
    return;
  }
  const style = console.style.data;
  const line = (name: string, value: string) => console.data(`${style.bold(name.padEnd(10))}${value}`);
  const { outputs } = stage;
  line("id", printable(item.webhookId));
  line("source", shownSource(outputs, item.source));
  line("outcome", styledStatus(item.status, style));
  if (item.reason !== undefined) line("reason", printable(item.reason));
  if (item.acceptedAs !== undefined) line("accepted", `as ${printable(item.acceptedAs)}`);
  line("request", printable(item.requestId));
  console.data(`\n${style.bold("What happened")}\n${timelineText(timeline)}`);
  if (parts.length > 0) {
    console.data(`\n${style.bold("Subscribers")}`);
    for (const part of parts) {
      const why = part.reason === undefined ? "" : `: ${printable(part.reason)}`;
      console.data(
        `  ${shownSource(outputs, part.source)}  ${styledStatus(part.status, style)} at try ${part.attempts}${why}`,
      );
    }
  }
  if (signature.length > 0) {
    console.data(`\n${style.bold("Signature")}`);
    for (const sentence of signature) console.data(`  ${printable(sentence)}`);
  }
  if (webhook === undefined) {
    const { omittedBody } = item;
    console.data(`\n${style.bold("Payload")}\n  ${lackOf(item) ?? "it is gone"}`);
    if (omittedBody !== undefined)
      console.data(`  body of ${omittedBody.bytes} bytes, sha256 ${omittedBody.sha256}`);
    return;
  }
  const important = importantHeaders(found);
  console.data(
    `\n${style.bold("Request")}\n  ${printable(`${webhook.method} ${webhook.path}`)} from ${printable(webhook.sourceIp)}`,
  );
  for (const [name, value] of webhook.query) console.data(`  ?${printable(name)}=${printable(value)}`);
  for (const [name, value] of webhook.headers) {
    const matters = important.has(name.toLowerCase());
    const text = `${matters ? "*" : " "} ${printable(name)}: ${printable(value)}`;
    console.data(matters ? style.bold(text) : text);
  }
  if (webhook.redacted !== undefined)
    console.data(`  not kept: ${webhook.redacted.map(printable).join(", ")}`);
  console.data(`\n${style.bold("Body")}\n${prettyBody(webhook)}`);
}

/** What a source's subscribers made of the webhook. */
async function subscribersItems({ stage, history, item }: Found): Promise<HistoryItem[]> {
  const taker = takerOf(stage.outputs, item.source);
  if (taker === undefined || taker.subscriber !== undefined) return [];
  const ids = takersOf(stage.outputs)
    .filter(({ source, subscriber }) => source === taker.source && subscriber !== undefined)
    .map(({ rememberedAs }) => webhookIdOf(rememberedAs, item.eventId));
  return ids.length === 0 ? [] : history.reader.getAll(ids);
}

async function signatureOf({ stage, item, webhook }: Found): Promise<string[]> {
  const taker = takerOf(stage.outputs, item.source);
  const definition = stage.outputs.operations.sources[taker?.source ?? ""];
  if (item.status !== "rejected" || webhook === undefined || taker === undefined || definition === undefined)
    return [];
  return explainSignature({ name: taker.source, signature: definition.signature, webhook }, stage);
}

/** Headers, in lower case, from which the pipeline reads something: the signature, the event's id and its type. */
function importantHeaders({ stage, item }: Found): ReadonlySet<string> {
  const source = takerOf(stage.outputs, item.source)?.source ?? "";
  const definition = stage.outputs.operations.sources[source];
  if (definition === undefined) return new Set();
  const { signature, eventId, eventType } = definition;
  const places = [
    ...placesOfSignature(signature),
    ...eventId.flat(),
    ...(eventType === undefined ? [] : [eventType]),
  ];
  return new Set([
    "content-type",
    ...places.flatMap((place) => /^header:(.+)$/.exec(place)?.[1]?.toLowerCase() ?? []),
  ]);
}

function placesOfSignature(signature: SignatureDefinition): readonly string[] {
  if (signature.kind === "basic") return ["header:authorization"];
  const own = "header" in signature || "json" in signature ? locatorsOf(signature) : [];
  const time =
    "timestamp" in signature && signature.timestamp !== undefined ? locatorsOf(signature.timestamp) : [];
  return [...own, ...time];
}

/** JSON indented, other text as it is, and of bytes only how many. */
function prettyBody(webhook: StoredWebhook): string {
  if (webhook.source === unreadableSource) return printableLines(textOf(webhook.body) ?? "");
  const { body } = withoutContentCoding(webhook);
  const text = textOf(body);
  if (text === undefined) return `${body.length} bytes that are no text: --raw writes them`;
  try {
    return printableLines(JSON.stringify(JSON.parse(text), null, 2));
  } catch {
    return printableLines(text);
  }
}

function printableLines(text: string): string {
  return text.split("\n").map(printable).join("\n");
}

function jsonOf(
  { stage, item, webhook }: Found,
  more: {
    readonly parts: readonly HistoryItem[];
    readonly replays: ReadonlyMap<string, ReplayNote>;
    readonly timeline: readonly { readonly at: number; readonly what: string }[];
    readonly signature: readonly string[];
  },
) {
  const text = webhook && textOf(webhook.body);
  return {
    ...asJson(item, stage.outputs),
    replays: (item.replayIds ?? []).map((id) => ({ id, ...more.replays.get(id) })),
    timeline: more.timeline.map(({ at, what }) => ({ at: new Date(at).toISOString(), what })),
    subscribers: more.parts.map((part) => asJson(part, stage.outputs)),
    signature: more.signature,
    lacks: webhook === undefined ? (lackOf(item) ?? "its payload is gone") : undefined,
    omittedBody: item.omittedBody && { sha256: item.omittedBody.sha256, bytes: item.omittedBody.bytes },
    request: webhook && {
      method: webhook.method,
      path: webhook.path,
      sourceIp: webhook.sourceIp,
      headers: webhook.headers,
      query: webhook.query,
      redacted: webhook.redacted,
      ...(text === undefined ? { bodyBase64: webhook.body.toString("base64") } : { body: text }),
    },
  };
}
