/** The views of the page. */
export const views = ["webhooks", "pipeline", "send"] as const;
export type View = (typeof views)[number];

/**
 * What the page shows, as far as its address says it. Whoever opens the address sees the same. It stands in the fragment,
 * which no browser sends to a server.
 */
export interface Address {
  readonly view: View;
  /** The filter's line. */
  readonly filter: string;
  /** Id of the webhook whose details are open. */
  readonly webhook?: string;
  /** Id of a second webhook that it is compared with. */
  readonly against?: string;
}

/** Reads a fragment, with or without its `#`. Whatever it does not understand, it leaves out. */
export function readAddress(fragment: string): Address {
  const [, path = "", query = ""] = /^#?\/?([^?]*)\??(.*)$/s.exec(fragment) ?? [];
  const parameters = new URLSearchParams(query);
  const webhook = parameters.get("webhook") || undefined;
  const against = parameters.get("against") || undefined;
  return {
    view: views.find((view) => view === path) ?? "webhooks",
    filter: parameters.get("filter") ?? "",
    ...(webhook === undefined ? {} : { webhook }),
    ...(webhook === undefined || against === undefined ? {} : { against }),
  };
}

/** The fragment of an address, with its `#`. */
export function writeAddress({ view, filter, webhook, against }: Address): string {
  const parameters = new URLSearchParams();
  if (filter !== "") parameters.set("filter", filter);
  if (webhook !== undefined) parameters.set("webhook", webhook);
  if (webhook !== undefined && against !== undefined) parameters.set("against", against);
  const query = parameters.toString();
  return `#/${view}${query === "" ? "" : `?${query}`}`;
}

/**
 * Takes the token out of the fragment of the address that the inspector printed (`#token=…`).
 *
 * @returns undefined if there is none; otherwise the token and what is left of the fragment
 */
export function takeToken(fragment: string): { readonly token: string; readonly rest: string } | undefined {
  const [found, token] = /[#&?]token=([^&]+)/.exec(fragment) ?? [];
  if (found === undefined || token === undefined) return undefined;
  const rest = fragment.replace(found, found.startsWith("#") ? "#" : "").replace(/^#&/, "#");
  return { token: decodeURIComponent(token), rest };
}
