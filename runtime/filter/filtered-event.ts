import { formFields } from "../envelope/form-fields.js";
import type { NameValue } from "../envelope/headers.js";
import { parseExactly, parseJson } from "../envelope/json.js";
import type { Webhook } from "../envelope/webhook.js";
import type { Clause, EventPattern } from "../stage/event-pattern.js";
import { comparable } from "./comparable-number.js";

/** A webhook as patterns see it. What a webhook does not have is absent. */
export interface FilteredEvent {
  readonly source: string;
  readonly type?: string;
  readonly method: string;
  /** By their names in lower case. A header that comes several times is a list. */
  readonly headers: Values;
  /** Query parameters, likewise, by their names as the sender wrote them. */
  readonly query: Values;
  /**
   * The value of a JSON body, or the fields of a form. Any other body is absent. A number is a JavaScript number or what
   * `parseExactly` makes of it.
   */
  readonly body?: unknown;
}

export type Values = Readonly<Record<string, string | readonly string[]>>;

/** What patterns see of a webhook, and whether its body is JSON. */
export function filteredEvent(
  webhook: Webhook,
  pattern: EventPattern,
): { readonly event: FilteredEvent; readonly hasJsonBody: boolean } {
  const headers = [...webhook.headers];
  const json = parsedFor(pattern, webhook.body);
  const form = json === undefined ? formFields({ headers, body: webhook.body }) : undefined;
  const body = form === undefined ? json : valuesByName(form);
  const event = {
    source: webhook.source,
    ...(webhook.type === undefined ? {} : { type: webhook.type }),
    method: webhook.method,
    headers: valuesByName(headers.map(([name, value]) => [name.toLowerCase(), value])),
    query: valuesByName([...webhook.query]),
    ...(body === undefined ? {} : { body }),
  };
  return { event, hasJsonBody: json !== undefined };
}

/**
 * The value of a JSON body, with the digits of its numbers where the pattern needs them. To keep them takes longer, and few
 * patterns do.
 */
export function parsedFor({ fields }: EventPattern, body: Buffer): unknown {
  if (!fields.some(({ clauses }) => clauses.some(needsDigits))) return parseJson(body);
  try {
    return parseExactly(body);
  } catch {
    // It is no JSON, or nested too deeply for that.
    return parseJson(body);
  }
}

/** Numbers that are too large to be compared are equal if their digits are. */
function needsDigits(clause: Clause): boolean {
  return typeof clause === "number" && comparable(clause) === undefined;
}

function valuesByName(pairs: readonly NameValue[]): Values {
  const values = new Map<string, [string, ...string[]]>();
  for (const [name, value] of pairs) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return Object.fromEntries([...values].map(([name, list]) => [name, list.length === 1 ? list[0] : list]));
}
