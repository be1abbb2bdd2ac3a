import { existsSync, writeFileSync } from "node:fs";
import { RefusedError, UsageError } from "../../command-line/command-error.js";
import { type Console, printable } from "../../command-line/console.js";
import { withExamples } from "../../command-line/help.js";
import type { DefineCommand } from "../../command-line/run-command.js";
import { programFolder } from "../../local/program-folder.js";
import { withoutContentCoding } from "../../runtime/envelope/content-coding.js";
import type { StoredWebhook } from "../../runtime/payload/storable.js";
import { unreadableSource } from "../../runtime/payload/unreadable.js";
import { openHistory } from "../history/open-history.js";
import { asJson, styledStatus } from "../history/shown.js";
import { timeWindow } from "../history/time-window.js";
import {
  type Described,
  describeWebhook,
  endpointOf,
  type Found,
  importantHeaders,
  keptWebhook,
  sourceOfWebhook,
} from "../show/describe.js";
import { curlCommand, fixtureModule, textOf } from "../show/request-forms.js";
import { timelineText } from "../show/timeline.js";
import { openStage, type StageOptions } from "../stage/stage.js";
import { withStageOptions } from "../stage/stage-options.js";
import { shownSource } from "../stage/takers.js";

interface ShowOptions extends StageOptions {
  readonly since?: string;
  readonly until?: string;
  readonly raw?: boolean;
  readonly curl?: boolean;
  readonly fixture?: string | true;
  readonly json?: boolean;
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
        if (options.raw) console.bytes(keptWebhook(found).body);
        else if (options.curl) console.data(curlCommand(keptWebhook(found), endpointOf(found)));
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

function writeFixture(console: Console, found: Found, target: string | true): void {
  const { name, definition } = sourceOfWebhook(found);
  const file = target === true ? "tests/runtime/handlers/fixture.ts" : target;
  const text = fixtureModule(keptWebhook(found), { name, definition, file, root: programFolder });
  if (target === true) {
    console.bytes(text);
    return;
  }
  if (existsSync(target)) throw new RefusedError(`${target} exists already`, { next: "name a new file" });
  writeFileSync(target, text);
  console.tell(`written to ${target}`);
}

async function showAll(console: Console, found: Found): Promise<void> {
  const { stage, item, webhook } = found;
  const described = await describeWebhook(found);
  const { parts, timeline, lacks = "" } = described;
  const signature = described.signature?.sentences ?? [];
  if (console.json) {
    console.data(JSON.stringify(jsonOf(found, described), null, 2));
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
    console.data(`\n${style.bold("Payload")}\n  ${lacks}`);
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

function jsonOf({ stage, item, webhook }: Found, { parts, replays, timeline, signature, lacks }: Described) {
  const text = webhook && textOf(webhook.body);
  return {
    ...asJson(item, stage.outputs),
    replays: (item.replayIds ?? []).map((id) => ({ id, ...replays.get(id) })),
    timeline: timeline.map(({ at, what }) => ({ at: new Date(at).toISOString(), what })),
    subscribers: parts.map((part) => asJson(part, stage.outputs)),
    signature: signature?.sentences ?? [],
    lacks,
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
