import { useSignal } from "@preact/signals";
import { sizeText } from "../text/times.js";
import { Payload } from "./payload.js";
import { Text } from "./text.js";

/** Characters that are shown at first. A megabyte in one line would take the browser a second. */
const firstCharacters = 20_000;
/** Characters that are drawn as one piece. */
const pieceCharacters = 10_000;

/** A text that may be long: its beginning, and all of it when asked. */
export function LongText({ text, label }: { readonly text: string; readonly label: string }) {
  const isWhole = useSignal(false);
  const isCut = !isWhole.value && text.length > firstCharacters;
  const shown = isCut ? text.slice(0, firstCharacters) : text;
  return (
    <>
      <Payload label={label}>
        {pieces(shown).map((piece, index) => (
          <Text key={index}>{piece}</Text>
        ))}
        {isCut ? <span class="dim">…</span> : undefined}
      </Payload>
      {isCut ? (
        <button
          type="button"
          onClick={() => {
            isWhole.value = true;
          }}
        >
          Show all ({sizeText(text.length)})
        </button>
      ) : undefined}
    </>
  );
}

function pieces(text: string): string[] {
  const found: string[] = [];
  for (let start = 0; start < text.length; ) {
    let end = start + pieceCharacters;
    // A pair of surrogates stays together.
    if (/[\ud800-\udbff]/.test(text[end - 1] ?? "")) end += 1;
    found.push(text.slice(start, end));
    start = end;
  }
  return found;
}
