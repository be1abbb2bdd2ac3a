import { currentOwner, microtasksDone } from "./simulated-time.js";

/** A point at which somebody waits for the world outside: the world decides when it goes on, and how. */
export interface Step {
  readonly label: string;
  /** Whose step it is; a dead one's never goes on. */
  readonly by: object;
  readonly webhookId: string | undefined;
  /** The answer got lost and the SDK asks again. */
  readonly repeatable: boolean;
  go(how: "once" | "again"): void;
  fail(): void;
}

/** What an AWS client throws when its last try has failed. */
export class InjectedFault extends Error {
  override readonly name = "InjectedFault";
}

/** The steps that are waited at. */
export class Steps {
  readonly pending: Step[] = [];
  #realWork = 0;
  readonly #dead = new WeakSet<object>();

  /** Waits for the world's decision; rejects with InjectedFault if that is a failure. */
  at(
    label: string,
    { webhookId, repeatable = false }: { readonly webhookId?: string; readonly repeatable?: boolean } = {},
  ): Promise<"once" | "again"> {
    const by = currentOwner() ?? this;
    const { promise, resolve, reject } = Promise.withResolvers<"once" | "again">();
    if (this.#dead.has(by)) return promise;
    this.pending.push({
      label,
      by,
      webhookId,
      repeatable,
      go: resolve,
      fail: () => reject(new InjectedFault(`${label} failed`)),
    });
    return promise;
  }

  /**
   * A call to AWS: it can fail before it has any effect, and its answer can get lost after it had one, whereupon the caller
   * fails or the SDK asks again.
   */
  async call<T>(label: string, webhookId: string | undefined, work: () => Promise<T>): Promise<T> {
    const about = webhookId === undefined ? {} : { webhookId };
    await this.at(`${label} request`, about);
    const result = await this.#real(work);
    const how = await this.at(`${label} answer`, { ...about, repeatable: true });
    return how === "again" ? this.#real(work) : result;
  }

  /** A step in the middle of a call's work, between two requests of it. */
  async within(label: string): Promise<void> {
    this.#realWork -= 1;
    try {
      await this.at(label);
    } finally {
      this.#realWork += 1;
    }
  }

  async #real<T>(work: () => Promise<T>): Promise<T> {
    this.#realWork += 1;
    try {
      return await work();
    } finally {
      this.#realWork -= 1;
    }
  }

  take(step: Step): void {
    this.pending.splice(this.pending.indexOf(step), 1);
  }

  /** Nothing that this one waits for will ever come. */
  forget(by: object): Step[] {
    this.#dead.add(by);
    const lost = this.pending.filter((step) => step.by === by);
    for (const step of lost) this.take(step);
    return lost;
  }

  /** Resolves when everybody waits at a step, or for a timer. */
  async atRest(): Promise<void> {
    do await microtasksDone();
    while (this.#realWork > 0);
  }
}
