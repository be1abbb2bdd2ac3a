import { textParts } from "../text/visible.js";

/** Text that a stranger wrote: as text, apart from what stands around it, and with nothing in it that cannot be seen. */
export function Text({ children }: { readonly children: string }) {
  return (
    <bdi>
      {textParts(children).map(({ text, isEscape }, index) =>
        isEscape ? (
          <span class="escape" key={index}>
            {text}
          </span>
        ) : (
          text
        ),
      )}
    </bdi>
  );
}
