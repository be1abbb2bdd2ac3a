import { useSignal } from "@preact/signals";
import { announcement } from "../state/store.js";

const shownMilliseconds = 2_000;

/** Puts a text on the clipboard. */
export function CopyButton({ label, text }: { readonly label: string; readonly text: string }) {
  const state = useSignal<"idle" | "copied" | "refused">("idle");
  const copy = async () => {
    try {
      await navigator.clipboard.writeText(text);
      state.value = "copied";
      announcement.value = `${label}: copied`;
    } catch {
      state.value = "refused";
      announcement.value = "The browser does not allow copying";
    }
    setTimeout(() => {
      state.value = "idle";
    }, shownMilliseconds);
  };
  return (
    <button type="button" class="quiet" onClick={() => void copy()}>
      {state.value === "copied" ? "Copied" : state.value === "refused" ? "Not allowed" : label}
    </button>
  );
}
