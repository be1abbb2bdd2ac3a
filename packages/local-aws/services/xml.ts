/** Text, or elements by their names, in their order. A list is one element of that name for each of its items. */
export type XmlContent = string | readonly XmlContent[] | { readonly [name: string]: XmlContent | undefined };

/** An element as text. Members that are undefined are left out. */
export function xmlElement(name: string, content: XmlContent, namespace?: string): string {
  if (isList(content)) return content.map((item) => xmlElement(name, item, namespace)).join("");
  const attribute = namespace === undefined ? "" : ` xmlns="${namespace}"`;
  const inner = typeof content === "string" ? escapeXml(content) : members(content);
  return `<${name}${attribute}>${inner}</${name}>`;
}

const isList = (content: XmlContent): content is readonly XmlContent[] => Array.isArray(content);

function members(content: Readonly<Record<string, XmlContent | undefined>>): string {
  return Object.entries(content)
    .map(([name, member]) => (member === undefined ? "" : xmlElement(name, member)))
    .join("");
}

function escapeXml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
