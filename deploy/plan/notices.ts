import { counted } from "../../command-line/counted.js";
import type { Plan } from "./changes.js";
import { known, shown } from "./differences.js";
import { holdingOf, takenAway, takesMostAway } from "./guarded.js";
import { wideningsOf } from "./permissions.js";

/** Something about a plan that a person should know before it is carried out. */
export interface Notice {
  readonly kind: "url" | "waiting" | "gone" | "permissions" | "most" | "policy";
  /** The resource or the source that it is about. */
  readonly name: string;
  readonly text: string;
}

/** How many messages there are in a queue; undefined if that cannot be known. */
export type CountMessages = (queueUrl: string) => Promise<number | undefined>;

/** What a plan means. */
export async function noticesOf(plan: Plan, countMessages: CountMessages): Promise<Notice[]> {
  const isNew = plan.existing === 0;
  return [
    ...(takesMostAway(plan)
      ? [
          {
            kind: "most" as const,
            name: "stage",
            text: "most of the stage is deleted or made anew, as an older checkout does to a stage of a newer one",
          },
        ]
      : []),
    ...urlNotices(plan),
    ...(await lossNotices(plan, countMessages)),
    ...(isNew ? [] : permissionNotices(plan)),
    ...plan.violations.map(({ policy, isMandatory, message }) => ({
      kind: "policy" as const,
      name: policy,
      text: `policy ${policy} (${isMandatory ? "mandatory" : "advice"}): ${message}`,
    })),
  ];
}

function urlNotices({ outputs }: Plan): Notice[] {
  const before = urlsIn(outputs.before);
  const after = urlsIn(outputs.after);
  return Object.entries(before).flatMap(([source, url]): Notice[] => {
    const next = after[source];
    if (next === url) return [];
    const becomes = next === undefined ? "goes" : `becomes ${shown(next)}`;
    return [{ kind: "url", name: source, text: `the public URL of ${source} ${becomes}: ${shown(url)}` }];
  });
}

function urlsIn({ endpoints }: Plan["outputs"]["before"]): Record<string, unknown> {
  return typeof endpoints === "object" && endpoints !== null ? { ...endpoints } : {};
}

async function lossNotices(plan: Plan, countMessages: CountMessages): Promise<Notice[]> {
  const notices = takenAway(plan).map(async (change): Promise<Notice[]> => {
    const { name, type, action, before, token } = change;
    const deed = action === "delete" ? "is deleted" : "is replaced by an empty one";
    if (token === "aws:sqs/queue:Queue") {
      const url = before?.outputs.url;
      const count = typeof url === "string" ? await countMessages(url) : undefined;
      const waiting =
        count === undefined
          ? "AWS does not tell how many webhooks wait in it"
          : `${counted(count, "webhook waits", "webhooks wait")} in it now`;
      return [{ kind: "waiting", name, text: `queue ${name} ${deed}: ${waiting}` }];
    }
    if (holdingOf(change) === "url") {
      return [{ kind: "url", name, text: `${type} ${name} ${deed}, which URLs that senders know belong to` }];
    }
    return [{ kind: "gone", name, text: `${type} ${name} ${deed}` }];
  });
  return (await Promise.all(notices)).flat();
}

function permissionNotices({ changes }: Plan): Notice[] {
  return wideningsOf(changes).flatMap(({ change: { type, name }, allows }): Notice[] =>
    allows.length === 0
      ? [
          {
            kind: "permissions",
            name,
            text: `${type} ${name}: what it will allow is known only during the update`,
          },
        ]
      : allows.map((allowed) => ({
          kind: "permissions",
          name,
          text: `${type} ${name} newly allows ${known(allowed)}`,
        })),
  );
}
