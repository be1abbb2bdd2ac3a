import { randomUUID } from "node:crypto";
import type { Action, Plan } from "../contract.js";
import { RefusedRequest } from "../refusal.js";
import type { Doing } from "./actions.js";
import type { Prepared } from "./prepared.js";

/** How long a plan can be confirmed: what it was made of changes. */
const validMilliseconds = 600_000;

/** Plans that wait for a confirmation. The oldest are forgotten first. */
const mostPlans = 100;

/** The plans that were made and not confirmed yet. Each can be confirmed once. */
export class Plans {
  readonly #plans = new Map<string, { readonly doing: Doing; readonly expiresAt: number }>();

  /** Keeps what was prepared until it is confirmed. */
  keep(kind: Action["kind"], { act, canStop, ...shown }: Prepared): Plan {
    const planId = randomUUID();
    const expiresAt = Date.now() + validMilliseconds;
    const total = shown.count === undefined ? {} : { total: shown.count };
    this.#plans.set(planId, { doing: { kind, canStop, act, ...total }, expiresAt });
    const [oldest] = this.#plans.keys();
    if (this.#plans.size > mostPlans && oldest !== undefined) this.#plans.delete(oldest);
    return { planId, kind, expiresAt, ...shown };
  }

  /** What a plan does. @throws RefusedRequest for one that there is not, that was confirmed already, or that is too old */
  take(planId: string): Doing {
    const found = this.#plans.get(planId);
    this.#plans.delete(planId);
    if (found !== undefined && found.expiresAt > Date.now()) return found.doing;
    throw new RefusedRequest(410, "the plan has expired, or was confirmed already", "plan it again");
  }
}
