// biome-ignore-all lint/a11y/useSemanticElements: a table cannot draw only the rows that are seen
import { useSignal } from "@preact/signals";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import { counted } from "../../../command-line/counted.js";
import type { ListRow } from "../../contract.js";
import { Outcome, toneOf } from "../parts/outcome.js";
import { ProblemNote } from "../parts/problem.js";
import { Text } from "../parts/text.js";
import { Time } from "../parts/time.js";
import {
  active,
  address,
  facts,
  go,
  isHeld,
  isListLoading,
  isOlderLoading,
  listProblem,
  loadOlder,
  marked,
  open,
  rows,
  showWaiting,
} from "../state/store.js";
import { move } from "./keyboard.js";

/** Heights of a row in pixels; the style sheet has the same. */
const oneLine = 36;
const twoLines = 58;
/** Narrower lists have two lines a row. */
const twoLinesBelow = 620;
/** Rows that are drawn above and below what can be seen. */
const margin = 12;
/** Rows before the end at which older ones are asked for. */
const olderBefore = 60;

/** The webhooks, the newest first. Only the rows that can be seen are drawn. */
export function WebhookList() {
  const scroller = useRef<HTMLDivElement>(null);
  const size = useSignal({ width: 1_000, height: 800 });
  const top = useSignal(0);
  const isPointerOver = useRef(false);
  const { shown, waiting, leaving, older } = rows.value;
  const isNarrow = size.value.width < twoLinesBelow;
  const rowHeight = isNarrow ? twoLines : oneLine;

  const hold = () => {
    isHeld.value = isPointerOver.current || (scroller.current?.scrollTop ?? 0) > 0;
  };
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const observer = new ResizeObserver(() => {
      size.value = { width: element.clientWidth, height: element.clientHeight };
    });
    observer.observe(element);
    return () => {
      observer.disconnect();
      isHeld.value = false;
    };
  }, []);

  const first = Math.max(Math.floor(top.value / rowHeight) - margin, 0);
  const last = Math.min(Math.ceil((top.value + size.value.height) / rowHeight) + margin, shown.length);
  const drawn = shown.slice(first, last);

  useEffect(() => {
    if (older !== undefined && last > shown.length - olderBefore) void loadOlder();
  }, [older, last, shown.length]);

  const { filter } = address.value;
  useEffect(() => {
    scroller.current?.scrollTo({ top: 0 });
  }, [filter]);

  // The keyboard's row stays in sight.
  const { value: activeId } = active;
  useLayoutEffect(() => {
    const element = scroller.current;
    const index = rows.peek().shown.findIndex(({ id }) => id === activeId);
    if (element === null || index === -1) return;
    const rowTop = index * rowHeight;
    if (rowTop < element.scrollTop) element.scrollTop = rowTop;
    const lowest = rowTop + rowHeight - element.clientHeight;
    if (lowest > element.scrollTop) element.scrollTop = lowest;
  }, [activeId, rowHeight]);

  const onKeyDown = (event: KeyboardEvent) => {
    const steps = { ArrowDown: 1, ArrowUp: -1, PageDown: 10, PageUp: -10, End: Infinity, Home: -Infinity };
    const by = steps[event.key as keyof typeof steps];
    if (by !== undefined && !event.ctrlKey && !event.metaKey && !event.altKey) {
      event.preventDefault();
      move(by);
    } else if (event.key === "Enter" && active.peek() !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      open(active.peek());
    }
  };
  const activeIndex = shown.findIndex(({ id }) => id === activeId);
  return (
    // The button that shows the new ones belongs to the list: it does not go away when the pointer comes to it.
    <div
      class="list"
      data-lines={isNarrow ? "two" : "one"}
      onPointerEnter={() => {
        isPointerOver.current = true;
        hold();
      }}
      onPointerLeave={() => {
        isPointerOver.current = false;
        hold();
      }}
    >
      {listProblem.value === undefined ? undefined : <ProblemNote problem={listProblem.value} />}
      <div class="list-head" aria-hidden="true">
        <span>Time</span>
        <span>Outcome</span>
        <span>Source</span>
        <span>Type</span>
        <span>Webhook</span>
        <span class="number">Tries</span>
      </div>
      {waiting.length === 0 ? undefined : (
        <button
          type="button"
          class="new-rows"
          onClick={() => {
            showWaiting();
            scroller.current?.scrollTo({ top: 0 });
          }}
        >
          {waiting.length} new
        </button>
      )}
      <div
        id="list"
        ref={scroller}
        class="list-scroller"
        role="grid"
        tabIndex={0}
        aria-label="Webhooks, the newest first"
        aria-rowcount={older === undefined ? shown.length : -1}
        aria-busy={isListLoading.value}
        aria-activedescendant={activeIndex >= first && activeIndex < last ? `row-${activeIndex}` : undefined}
        onScroll={(event) => {
          top.value = event.currentTarget.scrollTop;
          hold();
        }}
        onKeyDown={onKeyDown}
      >
        <div role="none" class="list-space" style={{ height: `${shown.length * rowHeight}px` }}>
          <div role="rowgroup" class="list-rows" style={{ transform: `translateY(${first * rowHeight}px)` }}>
            {drawn.map((row, index) => (
              <Row
                key={row.id}
                row={row}
                index={first + index}
                isActive={row.id === activeId}
                isOpen={row.id === address.value.webhook || row.id === address.value.against}
                isMarked={row.id === marked.value}
                isLeaving={leaving.has(row.id)}
              />
            ))}
          </div>
        </div>
      </div>
      <ListEnd />
    </div>
  );
}

function Row({
  row,
  index,
  isActive,
  isOpen,
  isMarked,
  isLeaving,
}: {
  readonly row: ListRow;
  readonly index: number;
  readonly isActive: boolean;
  readonly isOpen: boolean;
  readonly isMarked: boolean;
  readonly isLeaving: boolean;
}) {
  return (
    // biome-ignore lint/a11y/useFocusableInteractive: the grid keeps the focus and names the row that is active
    // biome-ignore lint/a11y/useKeyWithClickEvents: the grid has the keys
    <div
      id={`row-${index}`}
      role="row"
      class="row"
      aria-rowindex={index + 1}
      aria-selected={isOpen}
      data-tone={toneOf(row.outcome)}
      data-active={isActive}
      data-marked={isMarked}
      data-leaving={isLeaving}
      onClick={() => open(row.id)}
    >
      {/* biome-ignore-start lint/a11y/useFocusableInteractive: the grid keeps the focus */}
      <span role="gridcell" class="cell-time">
        <Time at={row.receivedAt} />
      </span>
      <span role="gridcell" class="cell-outcome">
        <Outcome name={row.outcome} />
      </span>
      <span role="gridcell" class="cell-source">
        <Text>{row.source}</Text>
      </span>
      <span role="gridcell" class="cell-type">
        <Text>{row.type ?? ""}</Text>
      </span>
      <span role="gridcell" class="cell-webhook">
        {row.reason === undefined ? (
          <span class="dim">
            <Text>{row.eventId}</Text>
          </span>
        ) : (
          <Text>{shortened(row.reason)}</Text>
        )}
      </span>
      <span role="gridcell" class="cell-tries number">
        {row.attempts > 1 ? `${row.attempts} tries` : ""}
        {row.replays > 0 ? <span class="mark">replayed</span> : undefined}
      </span>
      {/* biome-ignore-end lint/a11y/useFocusableInteractive: the grid keeps the focus */}
    </div>
  );
}

/** Longest reason in a row, in characters. The details have the whole. */
const longestReason = 200;

function shortened(text: string): string {
  return text.length <= longestReason ? text : `${text.slice(0, longestReason)}…`;
}

function ListEnd() {
  const { shown, older } = rows.value;
  const hours = facts.value?.usualHours ?? 24;
  if (isListLoading.value && shown.length === 0) return <p class="list-end">Reading the history …</p>;
  if (shown.length === 0) {
    const { filter } = address.value;
    return (
      <div class="list-end empty">
        {filter === "" ? (
          <p>No webhook in the last {hours} hours. The next one appears here by itself.</p>
        ) : (
          <>
            <p>No webhook fits this filter.</p>
            <button type="button" onClick={() => go({ filter: "" })}>
              Show all
            </button>
          </>
        )}
      </div>
    );
  }
  return (
    <p class="list-end">
      {isOlderLoading.value
        ? "Reading older ones …"
        : `${counted(shown.length, "webhook")}${older === undefined ? "" : " so far; scroll for older ones"}`}
    </p>
  );
}
