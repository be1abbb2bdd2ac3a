import { z } from "zod";
import type { GraphResource } from "../program/graph.js";

const filter = z.strictObject({
  Key: z.enum(["description", "name", "tag-key", "tag-value", "all"], {
    error: "local AWS knows the filters description, name, tag-key, tag-value and all",
  }),
  Values: z
    .array(z.string().regex(/^!?[a-zA-Z0-9 :_@/+=.\-!]{0,511}$/))
    .min(1)
    .max(10),
});
type Filter = z.output<typeof filter>;

/** Limits as in AWS's API model of Secrets Manager (2017-10-17). */
export const listSecretsInput = z.strictObject({
  // No secret is ever planned to be deleted here, so that there is none to leave out.
  IncludePlannedDeletion: z.boolean().optional(),
  MaxResults: z.int().min(1).max(100).default(100),
  NextToken: z.string().min(1).max(4_096).optional(),
  Filters: z.array(filter).max(10).default([]),
  SortOrder: z.enum(["asc", "desc"]).default("desc"),
  SortBy: z.enum(["created-date", "last-changed-date", "name"]).default("created-date"),
});
type Listing = z.output<typeof listSecretsInput>;

/**
 * Whether a filter lets a secret through: one of its values matches. A value in front of which a `!` stands must not match.
 * Names and tags match by their beginning, descriptions by words, without regard to case for descriptions alone:
 * docs.aws.amazon.com/secretsmanager/latest/apireference/API_Filter.html
 */
export function isFound(secret: GraphResource, { Key, Values }: Filter): boolean {
  const { description = "", tags = {} } = secret.inputs as {
    description?: string;
    tags?: Record<string, string>;
  };
  const beginsWith = (texts: readonly string[]) => (value: string) =>
    texts.some((text) => text.startsWith(value));
  const matchers = {
    name: beginsWith([String(secret.state.name)]),
    description: (value: string) => wordsBegin(description, value),
    "tag-key": beginsWith(Object.keys(tags)),
    "tag-value": beginsWith(Object.values(tags)),
  };
  const matches =
    Key === "all"
      ? (value: string) =>
          wordsBegin([secret.state.name, description, ...Object.entries(tags).flat()].join(" "), value)
      : matchers[Key];
  return Values.some((value) => (value.startsWith("!") ? !matches(value.slice(1)) : matches(value)));
}

/** Whether each word of a value begins a word of the text, in any case. */
function wordsBegin(text: string, value: string): boolean {
  const words = text.toLowerCase().split(/[ /_=.@-]+/);
  return value
    .toLowerCase()
    .split(/[ /_=.@-]+/)
    .every((wanted) => words.some((word) => word.startsWith(wanted)));
}

/** @param changedAt epoch milliseconds of a secret's newest version */
export function sortedSecrets(
  secrets: readonly GraphResource[],
  { SortBy, SortOrder }: Listing,
  changedAt: (secret: GraphResource) => number | undefined,
): GraphResource[] {
  const name = (secret: GraphResource) => String(secret.state.name);
  const byName = [...secrets].sort((a, b) => (name(a) < name(b) ? -1 : 1));
  // All are made at the same moment, so the date of creation leaves them in the order of their names.
  if (SortBy === "created-date") return byName;
  const ascending =
    SortBy === "name" ? byName : byName.sort((a, b) => (changedAt(a) ?? 0) - (changedAt(b) ?? 0));
  return SortOrder === "asc" ? ascending : ascending.reverse();
}
