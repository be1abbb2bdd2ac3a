import type { LocalPipeline } from "../local/pipeline.js";
import type { HistoryItem } from "../runtime/history/item.js";
import type { LaptopFacts } from "./contract.js";
import type { Laptop } from "./inspected.js";

/** Most permissions that are told of a webhook. */
const mostPermissions = 200;

/** What the pipeline in this process knows of its webhooks. */
export function laptopOf({ calls, gatewayCalls }: Pick<LocalPipeline, "calls" | "gatewayCalls">): Laptop {
  return {
    factsOf(item) {
      const sqsForm = formOf(gatewayCalls, item);
      return {
        permissions: permissionsOf(calls, item),
        ...(sqsForm === undefined ? {} : { sqsForm }),
      };
    },
  };
}

/** The form that has the request's id: a REST API's template writes it in base64, an HTTP API's parameters as it is. */
function formOf(gatewayCalls: LocalPipeline["gatewayCalls"], { requestId }: HistoryItem): string | undefined {
  if (requestId === "") return undefined;
  const written = [Buffer.from(requestId).toString("base64"), requestId].map(encodeURIComponent);
  const found = gatewayCalls.findLast(
    ({ service, body }) => service === "sqs" && written.some((id) => Buffer.from(body).includes(id)),
  );
  return found && Buffer.from(found.body).toString("utf8");
}

/**
 * What the program's roles and services asked IAM for while the webhook was on its way: other webhooks of that time asked for theirs.
 * Operators are not told of: what they ask for is about no webhook.
 */
function permissionsOf(
  calls: LocalPipeline["calls"],
  { receivedAt, finishedAt = Date.now() }: HistoryItem,
): LaptopFacts["permissions"] {
  return calls
    .filter(({ at, principal }) => {
      const time = at.getTime();
      return time >= receivedAt && time <= finishedAt && !isPerson(principal);
    })
    .slice(0, mostPermissions)
    .map(({ at, principal, action, resource, allowed }) => ({
      at: at.getTime(),
      principal: nameOf(principal),
      action,
      resource,
      isAllowed: allowed,
    }));
}

type Principal = LocalPipeline["calls"][number]["principal"];

function isPerson({ kind }: Principal): boolean {
  return kind === "operator" || kind === "user";
}

function nameOf(principal: Principal): string {
  if ("arn" in principal) return principal.arn;
  return "name" in principal ? principal.name : principal.kind;
}
