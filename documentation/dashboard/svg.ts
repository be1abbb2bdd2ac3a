/** Pieces of an SVG document. Numbers have one decimal at most, so that the file stays small and the same everywhere. */

export type Attributes = Readonly<Record<string, string | number>>;

export function element(name: string, attributes: Attributes, content = ""): string {
  const written = Object.entries(attributes).map(([key, value]) => ` ${key}="${escaped(rounded(value))}"`);
  return content === ""
    ? `<${name}${written.join("")}/>`
    : `<${name}${written.join("")}>${content}</${name}>`;
}

export function text(x: number, y: number, content: string, attributes: Attributes = {}): string {
  return element("text", { x, y, ...attributes }, escaped(content));
}

/** A line through points. */
export function polyline(points: readonly (readonly [number, number])[], attributes: Attributes): string {
  const path = points.map(([x, y]) => `${rounded(x)},${rounded(y)}`).join(" ");
  return element("polyline", { points: path, fill: "none", ...attributes });
}

/** A text cut to about so many pixels, at about half an em a character. */
export function cut(content: string, pixels: number, fontSize: number): string {
  const most = Math.floor(pixels / (fontSize * 0.52));
  return content.length <= most ? content : `${content.slice(0, Math.max(1, most - 1))}…`;
}

export function escaped(content: string): string {
  return content
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

function rounded(value: string | number): string {
  return typeof value === "number" ? String(Math.round(value * 10) / 10) : value;
}
