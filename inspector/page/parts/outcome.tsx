import type { OutcomeName, Tone } from "../../contract.js";
import { facts } from "../state/store.js";

/** How an outcome is to be seen. Before the stage's facts are known, it is nothing special. */
export function toneOf(outcome: OutcomeName): Tone {
  return facts.value?.outcomes.find(({ name }) => name === outcome)?.tone ?? "muted";
}

const signs: Readonly<Record<Tone, string>> = {
  attention: "M3 3l6 6M9 3l-6 6",
  good: "M2 6.5l2.8 2.8L10 3.5",
  underway: "M6 1.2a4.8 4.8 0 1 0 .01 0M6 3.4V6l1.9 1.3",
  muted: "M2.5 6h7",
};

/** An outcome with its sign, so that it does not depend on its colour. */
export function Outcome({ name }: { readonly name: OutcomeName }) {
  const tone = toneOf(name);
  return (
    <span class="outcome" data-tone={tone}>
      <svg viewBox="0 0 12 12" aria-hidden="true">
        <path d={signs[tone]} />
      </svg>
      {name}
    </span>
  );
}
