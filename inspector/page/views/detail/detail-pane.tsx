import type { ComponentChildren } from "preact";
import { useEffect, useRef } from "preact/hooks";
import { durationText } from "../../../../command-line/times.js";
import type { Detail } from "../../../contract.js";
import { CopyButton } from "../../parts/copy-button.js";
import { Outcome, toneOf } from "../../parts/outcome.js";
import { ProblemNote } from "../../parts/problem.js";
import { Text } from "../../parts/text.js";
import { Time } from "../../parts/time.js";
import { detailProblems, details, go, isWritable, marked, open, proposed, stage } from "../../state/store.js";
import { utcText } from "../../text/times.js";
import { visibleText } from "../../text/visible.js";
import { compare } from "../keyboard.js";
import { Body } from "./body.js";
import { Laptop } from "./laptop.js";
import { Logs } from "./logs.js";
import { Request } from "./request.js";
import { Timeline } from "./timeline.js";
import { Why } from "./why.js";

/** All that is known of one webhook. */
export function DetailPane({ id }: { readonly id: string }) {
  const pane = useRef<HTMLElement>(null);
  const detail = details.value.get(id);
  const problem = detailProblems.value.get(id);
  useEffect(() => {
    document.title = `${visibleText(id)} · Inspector`;
    // Where the details cover the list, the keyboard goes with them.
    if (matchMedia("(max-width: 999px)").matches) pane.current?.focus({ preventScroll: true });
    return () => {
      document.title = "Inspector";
    };
  }, [id]);
  return (
    <section class="detail" aria-label="Webhook" ref={pane} tabIndex={-1}>
      <div class="detail-head">
        <button type="button" class="quiet" onClick={() => open(undefined)}>
          <span class="only-narrow">‹ List</span>
          <span class="only-wide">Close</span>
        </button>
        {detail === undefined ? undefined : <Actions detail={detail} />}
      </div>
      {problem === undefined ? undefined : <ProblemNote problem={problem} />}
      {detail === undefined ? (
        problem === undefined ? (
          <p class="dim">Reading …</p>
        ) : undefined
      ) : (
        <Content detail={detail} />
      )}
    </section>
  );
}

function Actions({ detail }: { readonly detail: Detail }) {
  const { row, lacks, curl, fixture } = detail;
  const isMarked = marked.value === row.id;
  return (
    <>
      {isWritable.value ? (
        <button
          type="button"
          class="main"
          disabled={lacks !== undefined}
          title={lacks === undefined ? "Replay (r)" : `It cannot be replayed: ${lacks}`}
          onClick={() => {
            proposed.value = { kind: "replay", ids: [row.id] };
          }}
        >
          Replay …
        </button>
      ) : undefined}
      {stage.value?.isLocal && isWritable.value && detail.request !== undefined ? (
        <button
          type="button"
          title="Edit it, and send it to this machine"
          onClick={() => go({ view: "send", webhook: row.id })}
        >
          Edit …
        </button>
      ) : undefined}
      <button type="button" aria-pressed={isMarked} title="Compare (c)" onClick={compare}>
        {isMarked ? "Now open another" : marked.value === undefined ? "Compare" : "Compare with the marked"}
      </button>
      {row.attempts > 1 ? (
        <button type="button" onClick={() => go({ webhook: row.id, against: row.id })}>
          Compare its tries
        </button>
      ) : undefined}
      {curl === undefined ? undefined : <CopyButton label="Copy curl" text={curl} />}
      {fixture === undefined ? undefined : <CopyButton label="Copy fixture" text={fixture} />}
    </>
  );
}

function Content({ detail }: { readonly detail: Detail }) {
  const { row, subscribers, timeline, request, lacks, omittedBody } = detail;
  return (
    <>
      <div class="detail-title" data-tone={toneOf(row.outcome)}>
        <h2>
          <Outcome name={row.outcome} />
          <span>
            <Text>{row.type ?? row.source}</Text>
          </span>
        </h2>
        <dl class="facts">
          <Fact name="source">
            <Text>{row.source}</Text>
          </Fact>
          <Fact name="received">
            <Time at={row.receivedAt} isPrecise /> <span class="dim whole">{utcText(row.receivedAt)}</span>
          </Fact>
          <Fact name="tries">
            {row.attempts}
            {row.handlerMilliseconds === undefined
              ? ""
              : `, the last took ${durationText(row.handlerMilliseconds)}`}
          </Fact>
          {row.replays === 0 ? undefined : <Fact name="replays">{row.replays}</Fact>}
          <Fact name="id">
            <code>
              <Text>{row.id}</Text>
            </code>
          </Fact>
          <Fact name="answered">
            <code>
              <Text>{row.requestId}</Text>
            </code>
          </Fact>
          {row.acceptedAs === undefined ? undefined : (
            <Fact name="accepted as">
              <WebhookLink id={row.acceptedAs}>
                <Text>{row.acceptedAs}</Text>
              </WebhookLink>
            </Fact>
          )}
        </dl>
      </div>
      <Why detail={detail} />
      <Timeline steps={timeline} />
      {subscribers.length === 0 ? undefined : (
        <section aria-labelledby="subscribers-title">
          <h3 id="subscribers-title">Subscribers</h3>
          <ul class="parts">
            {subscribers.map((part) => (
              <li key={part.id} data-tone={toneOf(part.outcome)}>
                <Outcome name={part.outcome} />
                <WebhookLink id={part.id}>
                  <Text>{part.source}</Text>
                </WebhookLink>
                <span class="dim">{part.attempts > 1 ? `${part.attempts} tries` : ""}</span>
                {part.reason === undefined ? undefined : (
                  <span class="part-reason">
                    <Text>{part.reason}</Text>
                  </span>
                )}
              </li>
            ))}
          </ul>
        </section>
      )}
      {request === undefined ? (
        <section aria-labelledby="body-title">
          <h3 id="body-title">Body</h3>
          <p class="dim">
            <Text>{lacks ?? "It is not kept."}</Text>
          </p>
          {omittedBody === undefined ? undefined : (
            <p class="dim">
              {omittedBody.bytes} bytes, sha256 <code>{omittedBody.sha256}</code>
            </p>
          )}
        </section>
      ) : (
        <>
          <Body body={request.body} />
          <Request request={request} />
        </>
      )}
      <Logs logs={detail.logs} problem={detail.logsProblem} />
      {detail.laptop === undefined ? undefined : <Laptop facts={detail.laptop} />}
    </>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function WebhookLink({ id, children }: { readonly id: string; readonly children: ComponentChildren }) {
  return (
    <button type="button" class="link" onClick={() => open(id)}>
      {children}
    </button>
  );
}
