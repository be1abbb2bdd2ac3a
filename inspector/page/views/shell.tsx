import type { ComponentChildren } from "preact";
import { durationText } from "../../../command-line/times.js";
import { Text } from "../parts/text.js";
import { Time } from "../parts/time.js";
import { type Address, writeAddress } from "../state/address.js";
import { now } from "../state/clock.js";
import { address, connection, figures, go, isHelpOpen, reconnect, stage } from "../state/store.js";

/** What stands around every view: which stage this is, whether it is live, and the way to the other views. */
export function Shell({ children }: { readonly children: ComponentChildren }) {
  return (
    <div class="shell">
      <button type="button" class="skip" onClick={() => document.getElementById("content")?.focus()}>
        Skip to the content
      </button>
      <header>
        <StageName />
        <nav aria-label="Views">
          <ViewLink view="webhooks">Webhooks</ViewLink>
          <ViewLink view="pipeline">
            Pipeline
            <AlarmCount />
          </ViewLink>
          {stage.value?.isLocal ? <ViewLink view="send">Send</ViewLink> : undefined}
        </nav>
        <ConnectionState />
        <button
          type="button"
          class="quiet help"
          aria-label="Keys and filter"
          title="Keys and filter (?)"
          onClick={() => {
            isHelpOpen.value = true;
          }}
        >
          ?
        </button>
      </header>
      <main id="content" tabindex={-1}>
        {children}
      </main>
    </div>
  );
}

function StageName() {
  const identity = stage.value;
  if (identity === undefined) return <div class="stage">Inspector</div>;
  const { name, account, region, isLocal, isWritable } = identity;
  return (
    <div class="stage">
      <strong>
        <Text>{name}</Text>
      </strong>
      <span class="dim">{isLocal ? "this machine" : `account ${account}`}</span>
      <span class="dim">{region}</span>
      {isWritable ? undefined : <span class="mark">read only</span>}
    </div>
  );
}

function ViewLink({
  view,
  children,
}: {
  readonly view: Address["view"];
  readonly children: ComponentChildren;
}) {
  const isHere = address.value.view === view;
  return (
    <a
      href={writeAddress({ view, filter: address.value.filter })}
      aria-current={isHere ? "page" : undefined}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        go({ view });
      }}
    >
      {children}
    </a>
  );
}

function AlarmCount() {
  const count = figures.value?.alarms.length ?? 0;
  if (count === 0) return undefined;
  return (
    <span class="count" data-tone="attention">
      <span class="unseen">, </span>
      {count}
      <span class="unseen"> alarms are on</span>
    </span>
  );
}

function ConnectionState() {
  const state = connection.value;
  switch (state.state) {
    case "live":
      return (
        <p class="connection" data-state="live" role="status">
          live
        </p>
      );
    case "connecting":
      return (
        <p class="connection" data-state="waiting" role="status">
          connecting
        </p>
      );
    case "catching-up":
      return (
        <p class="connection" data-state="waiting" role="status">
          catching up
        </p>
      );
    case "unread":
      return (
        <p class="connection" data-state="lost" role="status">
          <span title={state.problem.message}>
            history not read since <Time at={state.since} />
          </span>
        </p>
      );
    case "refused":
      return (
        <p class="connection" data-state="lost" role="status">
          <span title={state.message}>not live</span>
        </p>
      );
    case "lost":
      return (
        <div class="connection" data-state="lost">
          <p role="status">
            lost since <Time at={state.since} />
          </p>
          <button type="button" class="quiet" onClick={reconnect}>
            Try now
            <span class="next-try"> ({durationText(Math.max(1_000, state.nextTryAt - now.value))})</span>
          </button>
        </div>
      );
  }
}
