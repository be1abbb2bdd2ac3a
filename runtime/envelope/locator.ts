/**
 * The place of a value in a webhook: `header:x-github-delivery`, `query:order` in the URL, `json:data.object.id` in a JSON
 * body, or `form:token` in a form.
 */
export type Locator = `header:${string}` | `query:${string}` | `json:${string}` | `form:${string}`;

/** The two parts of a locator. */
export function partsOf(locator: Locator): { readonly kind: LocatorKind; readonly name: string } {
  const colon = locator.indexOf(":");
  return { kind: locator.slice(0, colon) as LocatorKind, name: locator.slice(colon + 1) };
}

export type LocatorKind = "header" | "query" | "json" | "form";
