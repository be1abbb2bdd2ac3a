import type { ComponentChildren } from "preact";

/** Text of a fixed width that scrolls in itself when it is long. */
export function Payload({
  label,
  kind,
  children,
}: {
  readonly label: string;
  readonly kind?: "hex" | "plan" | "difference";
  readonly children: ComponentChildren;
}) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section class="payload" data-kind={kind} tabIndex={0} aria-label={label}>
      <pre>{children}</pre>
    </section>
  );
}
