import { computed, useSignal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { Outcome } from "../parts/outcome.js";
import {
  choosesMoreThanTime,
  completionsOf,
  hasWord,
  isComplete,
  type KnownValues,
  toggleWord,
  word,
} from "../state/filter.js";
import { address, facts, go, isWritable, listProblem, proposed } from "../state/store.js";

const known = computed<KnownValues>(() => {
  const { sources = [], outcomes = [] } = facts.value ?? {};
  return {
    source: sources.flatMap(({ name, subscribers }) => [
      name,
      ...subscribers.map((subscriber) => `${name}.${subscriber}`),
    ]),
    outcome: outcomes.map(({ name }) => name),
  };
});

/** Words for everything that somebody should look at. */
const failedWords = computed(() =>
  (facts.value?.outcomes ?? [])
    .filter(({ tone }) => tone === "attention")
    .map(({ name }) => word("outcome", name)),
);

/** Only what failed, or all again. */
export function toggleOutcomes(): void {
  const { filter } = address.peek();
  const areAll = failedWords.peek().every((each) => hasWord(filter, each));
  const wanted = failedWords.peek().filter((each) => hasWord(filter, each) === areAll);
  go({ view: "webhooks", filter: wanted.reduce(toggleWord, filter) });
}

const pauseMilliseconds = 300;

/** The filter as one line, which completes names that are known, and buttons for what is asked for most. */
export function FilterLine() {
  const { filter } = address.value;
  const typed = useSignal(filter);
  const input = useRef<HTMLInputElement>(null);
  /** Where a word is being typed. Undefined: none is to be completed. */
  const caret = useSignal<number | undefined>(undefined);
  const completions =
    caret.value === undefined
      ? { start: 0, end: 0, words: [] }
      : completionsOf(typed.value, caret.value, known.value);
  const chosen = useSignal(-1);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  // The address changes by a button, a link, or the browser's way back.
  useEffect(() => {
    if (typed.peek().trim() !== filter) typed.value = filter;
  }, [filter]);

  const apply = (line: string) => {
    clearTimeout(timer.current);
    go({ filter: line.trim() }, "replace");
  };
  const closeCompletions = () => {
    caret.value = undefined;
    chosen.value = -1;
  };
  const onInput = () => {
    const line = input.current?.value ?? "";
    typed.value = line;
    caret.value = input.current?.selectionStart ?? line.length;
    chosen.value = -1;
    clearTimeout(timer.current);
    timer.current = setTimeout(() => {
      if (isComplete(line, known.peek())) apply(line);
    }, pauseMilliseconds);
  };
  const complete = (text: string) => {
    const { start, end } = completions;
    const line = typed.peek();
    const isName = text.endsWith(":");
    typed.value = `${line.slice(0, start)}${text}${line.slice(end)}`;
    closeCompletions();
    if (!isName) apply(typed.peek());
    const after = start + text.length;
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(after, after);
      if (isName) onInput();
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const { words } = completions;
    const pick = words[chosen.peek()];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      if (words.length === 0) return;
      event.preventDefault();
      const step = event.key === "ArrowDown" ? 1 : -1;
      chosen.value = (chosen.peek() + step + words.length) % words.length;
    } else if (event.key === "Tab" && words.length === 1 && words[0] !== undefined) {
      event.preventDefault();
      complete(words[0]);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (pick !== undefined) complete(pick);
      else {
        closeCompletions();
        apply(typed.peek());
      }
    } else if (event.key === "Escape" && words.length > 0) {
      event.preventDefault();
      closeCompletions();
    }
  };

  const { words } = completions;
  const areFailed = failedWords.value.length > 0 && failedWords.value.every((each) => hasWord(filter, each));
  return (
    <search class="filter">
      <div class="filter-line">
        <label class="unseen" for="filter">
          Filter
        </label>
        <input
          id="filter"
          ref={input}
          role="combobox"
          aria-expanded={words.length > 0}
          aria-controls="filter-completions"
          aria-autocomplete="list"
          aria-activedescendant={chosen.value === -1 ? undefined : `completion-${chosen.value}`}
          aria-invalid={listProblem.value !== undefined}
          autocomplete="off"
          autocapitalize="off"
          spellcheck={false}
          placeholder="source:stripe outcome:failed since:2h json:order.id=123"
          value={typed.value}
          onInput={onInput}
          onKeyDown={onKeyDown}
          onBlur={() => {
            closeCompletions();
            apply(typed.peek());
          }}
        />
        {typed.value === "" ? (
          <span class="key-hint">/</span>
        ) : (
          <button
            type="button"
            class="quiet"
            aria-label="Clear the filter"
            onClick={() => {
              typed.value = "";
              apply("");
            }}
          >
            ✕
          </button>
        )}
        <div
          id="filter-completions"
          role="listbox"
          aria-label="Completions"
          class="completions"
          hidden={words.length === 0}
        >
          {words.map((text, index) => (
            // biome-ignore lint/a11y/useFocusableInteractive: the input keeps the focus, as in every combobox
            // biome-ignore lint/a11y/useKeyWithClickEvents: the input has the keys
            <div
              key={text}
              id={`completion-${index}`}
              role="option"
              aria-selected={index === chosen.value}
              onMouseDown={(event) => event.preventDefault()}
              onClick={() => complete(text)}
            >
              {text}
            </div>
          ))}
        </div>
      </div>
      <div class="below-filter">
        <fieldset class="outcomes">
          <legend class="unseen">Outcomes</legend>
          <button
            type="button"
            class="chip"
            aria-pressed={areFailed}
            title="Only what failed (f)"
            onClick={toggleOutcomes}
          >
            what failed
          </button>
          {(facts.value?.outcomes ?? []).map(({ name }) => {
            const wanted = word("outcome", name);
            return (
              <button
                key={name}
                type="button"
                class="chip"
                aria-pressed={hasWord(filter, wanted)}
                onClick={() => go({ filter: toggleWord(filter, wanted) })}
              >
                <Outcome name={name} />
              </button>
            );
          })}
        </fieldset>
        {isWritable.value && choosesMoreThanTime(filter) ? (
          <button
            type="button"
            class="quiet"
            onClick={() => {
              proposed.value = { kind: "replay", filter };
            }}
          >
            Replay all …
          </button>
        ) : undefined}
      </div>
    </search>
  );
}
