import { useSignal } from "@preact/signals";
import { useMemo } from "preact/hooks";
import type { Detail, DetailLog } from "../../../contract.js";
import { Payload } from "../../parts/payload.js";
import { ProblemNote } from "../../parts/problem.js";
import { Text } from "../../parts/text.js";
import { detailProblems, details, open } from "../../state/store.js";
import { type DiffLine, diffLines } from "../../text/line-diff.js";
import { prettyJson } from "../../text/pretty.js";
import { preciseClockText, utcText } from "../../text/times.js";
import { fieldsText } from "./logs.js";

/** Two webhooks, or two tries of one, line by line. */
export function Comparison({ ids }: { readonly ids: readonly [string, string] }) {
  const [one, other] = ids;
  const pair = [details.value.get(one), details.value.get(other)] as const;
  const problem = detailProblems.value.get(one) ?? detailProblems.value.get(other);
  const isOneWebhook = one === other;
  return (
    <section class="detail" aria-label={isOneWebhook ? "Two tries compared" : "Two webhooks compared"}>
      <div class="detail-head">
        <button type="button" class="quiet" onClick={() => open(one)}>
          Close the comparison
        </button>
      </div>
      {problem === undefined ? undefined : <ProblemNote problem={problem} />}
      {pair[0] === undefined || pair[1] === undefined ? (
        problem === undefined ? (
          <p class="dim">Reading …</p>
        ) : undefined
      ) : isOneWebhook ? (
        <Tries detail={pair[0]} />
      ) : (
        <Webhooks one={pair[0]} other={pair[1]} />
      )}
    </section>
  );
}

function Webhooks({ one, other }: { readonly one: Detail; readonly other: Detail }) {
  const bodies = useMemo(() => diffLines(bodyLines(one), bodyLines(other)), [one, other]);
  return (
    <>
      <h2>Two webhooks compared</h2>
      <Legend one={one.row.eventId} other={other.row.eventId} />
      <Difference title="Facts" lines={diffLines(factLines(one), factLines(other))} />
      <Difference title="Headers" lines={diffLines(headerLines(one), headerLines(other))} />
      <Difference title="Body" lines={bodies} />
    </>
  );
}

function Tries({ detail }: { readonly detail: Detail }) {
  const count = Math.max(detail.row.attempts, 2);
  const numbers = Array.from({ length: count }, (_, index) => index + 1);
  const chosen = useSignal<readonly [number, number]>([count - 1, count]);
  const [one, other] = chosen.value;
  const select = (place: 0 | 1, label: string) => (
    <>
      <label for={`try-${place}`}>{label}</label>
      <select
        id={`try-${place}`}
        value={String(chosen.value[place])}
        onChange={(event) => {
          const number = Number(event.currentTarget.value);
          chosen.value = place === 0 ? [number, chosen.value[1]] : [chosen.value[0], number];
        }}
      >
        {numbers.map((number) => (
          <option key={number} value={String(number)}>
            {number}
          </option>
        ))}
      </select>
    </>
  );
  return (
    <>
      <h2>Two tries compared</h2>
      <p class="tries">
        {select(0, "Try")} {select(1, "with try")}
      </p>
      <Legend one={`try ${one}`} other={`try ${other}`} />
      <Difference
        title="Log lines"
        lines={diffLines(logLines(detail.logs, one), logLines(detail.logs, other))}
      />
    </>
  );
}

function Legend({ one, other }: { readonly one: string; readonly other: string }) {
  return (
    <p class="legend">
      <span class="removed">
        − <Text>{one}</Text>
      </span>
      <span class="added">
        + <Text>{other}</Text>
      </span>
    </p>
  );
}

/** Lines of a difference that are shown; a longer one is cut. */
const mostLines = 2_000;
const signs = { same: " ", removed: "−", added: "+" };
const words = { same: "", removed: "only in the first: ", added: "only in the second: " };

function Difference({ title, lines }: { readonly title: string; readonly lines: readonly DiffLine[] }) {
  const isSame = lines.every(({ kind }) => kind === "same");
  return (
    <section>
      <div class="section-head">
        <h3>{title}</h3>
        {isSame ? <span class="dim">{lines.length === 0 ? "none" : "the same"}</span> : undefined}
      </div>
      {lines.length === 0 ? undefined : (
        <Payload kind="difference" label={title}>
          {lines.slice(0, mostLines).map(({ kind, text }, index) => (
            <span key={index} class={kind}>
              <span aria-hidden="true">{signs[kind]} </span>
              <span class="unseen">{words[kind]}</span>
              <Text>{text.slice(0, longestLine)}</Text>
              {text.length > longestLine ? "…" : ""}
            </span>
          ))}
          {lines.length > mostLines ? <span>… and {lines.length - mostLines} more lines</span> : undefined}
        </Payload>
      )}
    </section>
  );
}

/** Characters of a line that are shown. */
const longestLine = 2_000;

function factLines({ row }: Detail): string[] {
  return [
    `source: ${row.source}`,
    `type: ${row.type ?? "none"}`,
    `event: ${row.eventId}`,
    `outcome: ${row.outcome}`,
    ...(row.reason === undefined ? [] : [`reason: ${row.reason}`]),
    `received: ${utcText(row.receivedAt)}`,
    `tries: ${row.attempts}`,
    ...(row.handlerMilliseconds === undefined ? [] : [`handler: ${row.handlerMilliseconds} ms`]),
  ];
}

function headerLines({ request }: Detail): string[] {
  return (request?.headers ?? []).map(({ name, value }) => `${name.toLowerCase()}: ${value}`).toSorted();
}

function bodyLines({ request }: Detail): string[] {
  const text = request?.body.text;
  if (text === undefined)
    return request === undefined ? [] : [`${request.body.bytes} bytes: ${request.body.base64}`];
  return (prettyJson(text) ?? text).split("\n");
}

function logLines(logs: readonly DetailLog[], attempt: number): string[] {
  const own = logs.filter((log) => log.attempt === attempt);
  const start = own[0]?.at ?? 0;
  return own.flatMap(({ at, level, message, fields }, index) => [
    ...(index === 0 ? [`began ${preciseClockText(start)}`] : []),
    `${index === 0 ? "" : `+${at - start} ms `}${level} ${message}`,
    ...(Object.keys(fields).length === 0 ? [] : [`    ${fieldsText(fields)}`]),
  ]);
}
