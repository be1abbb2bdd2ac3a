import { durationText } from "../../../command-line/times.js";
import type {
  AlarmFigures,
  FailureFigures,
  LaneFacts,
  LaneFigures,
  PipelineFigures,
  SourceFacts,
  TakerFigures,
} from "../../contract.js";
import { Outcome } from "../parts/outcome.js";
import { Text } from "../parts/text.js";
import { Time } from "../parts/time.js";
import { now } from "../state/clock.js";
import { word } from "../state/filter.js";
import { facts, figures, go, isWritable, open, proposed } from "../state/store.js";

/** The way of a webhook as a picture, with figures: what is worst stands first. */
export function PipelineView() {
  const known = facts.value;
  const current = figures.value;
  if (known === undefined || current === undefined) return <p class="alone dim">Reading the stage …</p>;
  const { alarms, failures, failuresAreCut, secretsNotSet } = current;
  return (
    <div class="pipeline">
      <h1 class="unseen">Pipeline</h1>
      <Alarms alarms={alarms} />
      {secretsNotSet.length === 0 ? undefined : (
        <p class="notice" data-tone="underway">
          No secret yet: <Text>{secretsNotSet.join(", ")}</Text>. Their webhooks wait.{" "}
          <code>
            <Text>{`${known.command}secret set ${secretsNotSet[0]}`}</Text>
          </code>
        </p>
      )}
      <section aria-labelledby="lanes-title">
        <div class="section-head">
          <h2 id="lanes-title">The way of a webhook</h2>
          <span class="dim">
            sources and subscribers: the last hour; queues: <Time at={current.at} />
          </span>
        </div>
        <div class="lanes">
          {known.lanes.map((lane) => (
            <Lane key={lane.name} lane={lane} sources={known.sources} current={current} />
          ))}
        </div>
      </section>
      <Failures failures={failures} areCut={failuresAreCut} />
    </div>
  );
}

function Alarms({ alarms }: { readonly alarms: readonly AlarmFigures[] }) {
  if (alarms.length === 0) {
    return (
      <p class="notice" data-tone="good">
        No alarm is on.
      </p>
    );
  }
  return (
    <section aria-labelledby="alarms-title">
      <h2 id="alarms-title">{alarms.length === 1 ? "1 alarm is on" : `${alarms.length} alarms are on`}</h2>
      <ul class="alarms">
        {alarms.map(({ name, severity, since, description, reason, metric, runbook }) => (
          <li key={name} class="notice" data-tone="attention">
            <p class="alarm-head">
              <strong>
                <Text>{name}</Text>
              </strong>
              <span class="mark" data-tone={severity === "page" ? "attention" : "muted"}>
                {severity}
              </span>
              <span class="dim">
                for {durationText(Math.max(now.value - since, 0))}, since <Time at={since} />
              </span>
            </p>
            <p>
              <Text>{description}</Text>
            </p>
            <p class="dim">
              <code>
                <Text>{metric}</Text>
              </code>{" "}
              <Text>{reason}</Text>
            </p>
            {runbook === undefined ? undefined : (
              <p>
                Runbook: <RunbookLink target={runbook} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}

function RunbookLink({ target }: { readonly target: string }) {
  if (!/^https?:\/\//.test(target)) {
    return (
      <code>
        <Text>{target}</Text>
      </code>
    );
  }
  return (
    <a href={target} target="_blank" rel="noopener noreferrer">
      <Text>{target}</Text>
    </a>
  );
}

function Lane({
  lane,
  sources,
  current,
}: {
  readonly lane: LaneFacts;
  readonly sources: readonly SourceFacts[];
  readonly current: PipelineFigures;
}) {
  const queue = current.lanes.find(({ name }) => name === lane.name);
  if (queue === undefined) return undefined;
  const takers = current.takers.filter((taker) => taker.lane === lane.name);
  const isOfSubscribers = lane.sources.length === 0;
  const feeders = isOfSubscribers
    ? [...new Set(lane.subscribers.map((name) => name.split(".")[0] ?? name))]
    : lane.sources;
  const isPaused = queue.state === "paused";
  return (
    <article class="lane" data-paused={isPaused} data-dead={queue.dead > 0} aria-label={`Lane ${lane.name}`}>
      <div class="lane-head">
        <h3>
          <Text>{lane.name}</Text>
        </h3>
        {lane.type === "fifo" ? <span class="mark">FIFO</span> : undefined}
        {isPaused ? (
          <span class="mark" data-tone="underway">
            paused
          </span>
        ) : queue.state === "changing" ? (
          <span class="mark">changing</span>
        ) : undefined}
        <Pause queue={queue} />
        {isWritable.value ? (
          <button
            type="button"
            class={isPaused ? "main" : "quiet"}
            disabled={queue.state === "changing"}
            onClick={() => {
              proposed.value = { kind: isPaused ? "resume" : "pause", lane: lane.name };
            }}
          >
            {isPaused ? "Resume …" : "Pause …"}
          </button>
        ) : undefined}
      </div>
      <div class="way">
        <div class="node senders">
          <h4>{isOfSubscribers ? "From source" : "Senders"}</h4>
          <ul>
            {feeders.map((name) => (
              <li key={name}>
                <FilterButton filter={word("source", name)}>
                  {isOfSubscribers
                    ? name
                    : (sources.find((source) => source.name === name)?.displayName ?? name)}
                </FilterButton>
              </li>
            ))}
          </ul>
        </div>
        <Arrow />
        <div class="node queue">
          <h4>Queue</h4>
          <dl>
            <Figure name="waiting" value={queue.waiting} tone={isPaused ? "underway" : undefined} />
            <Figure name="in flight" value={queue.inFlight} />
            <Figure name="delayed" value={queue.delayed} />
            {queue.oldestSeconds === undefined ? undefined : (
              <div>
                <dt>oldest</dt>
                <dd>{durationText(queue.oldestSeconds * 1_000)}</dd>
              </div>
            )}
          </dl>
          <div class="dead" data-tone={queue.dead > 0 ? "attention" : "muted"}>
            <span>
              <strong>{queue.dead}</strong> dead
            </span>
            {queue.dead > 0 && isWritable.value ? (
              <button
                type="button"
                onClick={() => {
                  proposed.value = { kind: "redrive", lane: lane.name };
                }}
              >
                Redrive …
              </button>
            ) : (
              <span class="dim">after {lane.maxReceiveCount} tries</span>
            )}
          </div>
        </div>
        <Arrow isBroken={isPaused} />
        <div class="node takers">
          <h4>{isOfSubscribers ? "Subscribers" : "Handlers"}</h4>
          <Takers takers={takers} />
        </div>
      </div>
    </article>
  );
}

function Pause({ queue: { state, pause } }: { readonly queue: LaneFigures }) {
  if (pause === undefined) {
    return state === "paused" ? <span class="dim">who did it is not known</span> : undefined;
  }
  return (
    <span class="dim pause">
      by <Text>{pause.by}</Text> since <Time at={pause.since} />
      {pause.reason === undefined ? undefined : (
        <>
          : <Text>{pause.reason}</Text>
        </>
      )}
    </span>
  );
}

function Arrow({ isBroken = false }: { readonly isBroken?: boolean }) {
  return (
    <svg class="arrow" viewBox="0 0 40 24" data-broken={isBroken} aria-hidden="true">
      <path d="M2 12H35M29 6l7 6-7 6" />
      {isBroken ? <path class="bars" d="M15 4v16M21 4v16" /> : undefined}
    </svg>
  );
}

function Figure({
  name,
  value,
  tone,
}: {
  readonly name: string;
  readonly value: number;
  readonly tone?: string | undefined;
}) {
  return (
    <div data-zero={value === 0} data-tone={value === 0 ? undefined : tone}>
      <dt>{name}</dt>
      <dd>{value.toLocaleString("en")}</dd>
    </div>
  );
}

const columns = ["received", "processed", "ignored", "rejected", "invalid", "failed"] as const;
/** Columns that somebody should look at. */
const badColumns: ReadonlySet<string> = new Set(["rejected", "invalid", "failed"]);

function Takers({ takers }: { readonly takers: readonly TakerFigures[] }) {
  return (
    <div class="scroll-x">
      <table class="grid takers-table">
        <thead>
          <tr>
            <th scope="col">
              <span class="unseen">Name</span>
            </th>
            {columns.map((name) => (
              <th key={name} scope="col" class="number">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {takers.map((taker) => (
            <tr key={taker.name}>
              <th scope="row">
                <FilterButton filter={word("source", taker.name)}>{taker.name}</FilterButton>
              </th>
              {columns.map((name) => (
                <td key={name} class="number" data-zero={taker[name] === 0}>
                  <Count taker={taker} column={name} />
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Count({
  taker,
  column,
}: {
  readonly taker: TakerFigures;
  readonly column: (typeof columns)[number];
}) {
  const count = taker[column];
  if (count === undefined) {
    return (
      <span class="dim" title="The stage has no metrics by source">
        –
      </span>
    );
  }
  if (count === 0) return "0";
  if (column === "received" || column === "processed") return count.toLocaleString("en");
  return (
    <FilterButton
      filter={`${word("source", taker.name)} ${word("outcome", column)} since:1h`}
      tone={badColumns.has(column) ? "attention" : undefined}
    >
      {count.toLocaleString("en")}
    </FilterButton>
  );
}

function FilterButton({
  filter,
  tone,
  children,
}: {
  readonly filter: string;
  readonly tone?: string | undefined;
  readonly children: string;
}) {
  return (
    <button
      type="button"
      class="link"
      data-tone={tone}
      title={filter}
      onClick={() => go({ view: "webhooks", filter })}
    >
      <Text>{children}</Text>
    </button>
  );
}

function Failures({
  failures,
  areCut,
}: {
  readonly failures: readonly FailureFigures[];
  readonly areCut: boolean;
}) {
  if (failures.length === 0) return undefined;
  return (
    <section aria-labelledby="failures-title">
      <h2 id="failures-title">Failures of the last 24 hours, by reason</h2>
      {areCut ? <p class="dim">The newest 1,000 are counted; there are more.</p> : undefined}
      <ul class="failures">
        {failures.map(({ outcome, source, reason, count, first, last, example }) => (
          <li key={`${outcome} ${source} ${reason}`}>
            <span class="times">×{count.toLocaleString("en")}</span>
            <Outcome name={outcome} />
            <FilterButton filter={`${word("source", source)} ${word("outcome", outcome)}`}>
              {source}
            </FilterButton>
            <span class="failure-reason">
              <Text>{reason}</Text>
            </span>
            <span class="dim failure-time">
              {count === 1 ? (
                <Time at={last} />
              ) : (
                <>
                  <Time at={first} /> – <Time at={last} />
                </>
              )}
            </span>
            <button
              type="button"
              class="link"
              onClick={() => {
                go({ view: "webhooks", filter: `${word("source", source)} ${word("outcome", outcome)}` });
                open(example, "replace");
              }}
            >
              newest
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
