import { signal } from "@preact/signals";
import { useLayoutEffect } from "preact/hooks";
import { newestFirst } from "../state/rows.js";
import {
  active,
  address,
  go,
  isHelpOpen,
  isWritable,
  marked,
  open,
  proposed,
  rows,
  showWaiting,
  stage,
} from "../state/store.js";
import { toggleOutcomes } from "./filter-line.js";

const key = "inspector-single-keys";

/** Whether keys without Ctrl or Alt do something. Who speaks to the browser may switch them off. */
export const hasSingleKeys = signal(localStorage.getItem(key) !== "off");

export function setSingleKeys(isOn: boolean): void {
  hasSingleKeys.value = isOn;
  localStorage.setItem(key, isOn ? "on" : "off");
}

/** Keys and what they do, in the order in which help shows them. */
export const keys = [
  ["j", "next webhook"],
  ["k", "previous webhook"],
  ["Enter", "open the webhook"],
  ["Escape", "close what is open"],
  ["/", "type a filter"],
  ["f", "only what failed, and all again"],
  ["n", "show the new ones"],
  ["r", "replay the webhook"],
  ["c", "mark the webhook, and compare the next with it"],
  ["1 2 3", "webhooks, pipeline, send"],
  ["?", "this help"],
] as const;

/** Listens to keys for as long as the page is open. */
export function useKeyboard(): void {
  // As soon as the page can be seen, or the first key would be lost.
  useLayoutEffect(() => {
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
  // A dialog has keys of its own.
  if (document.querySelector("dialog[open]") !== null) return;
  const target = event.target as HTMLElement;
  const isTyping = target.matches("input, textarea, select, [contenteditable]");
  if (event.key === "Escape") {
    if (event.defaultPrevented) return;
    if (isTyping) target.blur();
    else if (address.peek().against !== undefined) open(address.peek().webhook);
    else if (address.peek().webhook !== undefined) close();
    else marked.value = undefined;
    return;
  }
  if (isTyping || !hasSingleKeys.peek()) return;
  // Enter on a button or a link is that one's own.
  if (event.key === "Enter" && target.closest("button, a, summary") !== null) return;
  const act = actionOf(event.key);
  if (act === undefined) return;
  event.preventDefault();
  act();
}

function actionOf(pressed: string): (() => void) | undefined {
  switch (pressed) {
    case "j":
      return () => move(1);
    case "k":
      return () => move(-1);
    case "Enter":
      return active.peek() === undefined || address.peek().view !== "webhooks"
        ? undefined
        : () => open(active.peek());
    case "/":
      return () => {
        go({ view: "webhooks" });
        // What is typed next is meant for the filter, so it has the focus at once where it is there already.
        const focus = () => document.getElementById("filter")?.focus();
        focus();
        requestAnimationFrame(focus);
      };
    case "f":
      return () => toggleOutcomes();
    case "n":
      return () => {
        showWaiting();
        document.getElementById("list")?.scrollTo({ top: 0 });
      };
    case "r":
      return replay;
    case "c":
      return compare;
    case "1":
      return () => go({ view: "webhooks" });
    case "2":
      return () => go({ view: "pipeline" });
    case "3":
      return stage.peek()?.isLocal ? () => go({ view: "send" }) : undefined;
    case "?":
      return () => {
        isHelpOpen.value = true;
      };
    default:
      return undefined;
  }
}

/** Moves on in the list; open details follow. */
export function move(by: number): void {
  const { shown } = rows.peek();
  if (shown.length === 0 || address.peek().view !== "webhooks") return;
  const index = shown.findIndex(({ id }) => id === active.peek());
  const next = shown[index === -1 ? 0 : Math.min(Math.max(index + by, 0), shown.length - 1)];
  active.value = next?.id;
  document.getElementById("list")?.focus({ preventScroll: true });
  if (address.peek().webhook !== undefined) open(next?.id, "replace");
}

function close(): void {
  open(undefined);
  document.getElementById("list")?.focus({ preventScroll: true });
}

function replay(): void {
  const id = address.peek().webhook ?? active.peek();
  if (id !== undefined && isWritable.peek()) proposed.value = { kind: "replay", ids: [id] };
}

/** Marks the webhook; the next one is compared with it. */
export function compare(): void {
  const id = address.peek().webhook ?? active.peek();
  if (id === undefined) return;
  const other = marked.peek();
  if (other === undefined || other === id) {
    marked.value = other === id ? undefined : id;
    return;
  }
  marked.value = undefined;
  const at = (each: string) => rows.peek().shown.find((row) => row.id === each);
  const [one, two] = [at(other), at(id)];
  // The older one comes first, as a change is read.
  const [webhook, against] =
    one !== undefined && two !== undefined && newestFirst(one, two) < 0 ? [id, other] : [other, id];
  go({ view: "webhooks", webhook, against });
}
