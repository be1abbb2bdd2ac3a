import fc from "fast-check";
import { type Breaker, createBreaker, type Passage } from "../../../runtime/breaker/breaker.js";
import type { BreakerState } from "../../../runtime/breaker/state.js";
import type { BreakerStore } from "../../../runtime/breaker/store.js";
import { createLog } from "../../../runtime/telemetry/log.js";
import { createMemoryBreakers } from "../memory-breakers.js";
import { randomFrom } from "./scenario.js";
import { microtasksDone } from "./simulated-time.js";

/** What happens between functions that share a target, one number for each step. */
export interface BreakerScenario {
  /** One for each function that runs at a time: how far its clock is off, in milliseconds. */
  readonly clockSkews: readonly number[];
  readonly failures: number;
  /** Calls to the table fail or their answers get lost, and functions die. */
  readonly mishaps: boolean;
  readonly choices: readonly number[];
}

export const breakerScenarios: fc.Arbitrary<BreakerScenario> = fc.record({
  // Together less than a probe's margin of five seconds.
  clockSkews: fc.array(fc.integer({ min: -2_000, max: 2_000 }), { minLength: 1, maxLength: 4 }),
  failures: fc.integer({ min: 1, max: 4 }),
  mishaps: fc.boolean(),
  choices: fc.array(fc.nat(0xffff_ffff), { maxLength: 160, size: "max" }),
});

/** Ways to break the code under test. */
export interface BreakerSabotage {
  readonly store?: (store: BreakerStore) => BreakerStore;
  /** What the breaker takes for the function's timeout. */
  readonly timeoutSeconds?: number;
}

const timeoutMilliseconds = 30_000;
const longestSeconds = 60;
const name = "crm";

/** An execution environment. A dead one is replaced by another that knows nothing. */
interface Environment {
  readonly index: number;
  readonly breaker: Breaker;
  isDead: boolean;
  /** Whether the table has told it last that the target is left alone. */
  knowsOpen: boolean;
}

/** A webhook that its target has. */
interface Call {
  readonly by: Environment;
  readonly passage: Exclude<Passage, { readonly state: "closed" }>;
  readonly since: number;
}

/** A webhook on its way to its target. */
interface Entering {
  readonly by: Environment;
  readonly since: number;
}

/** A request to the table that is on its way. */
interface Request {
  readonly by: Environment;
  readonly go: (how: "through" | "fails" | "answer lost") => void;
}

/**
 * Functions with real breakers, whose requests to the table wait until the scenario lets them through. It notices two probes
 * at a time, a call by a function that knows that the target is left alone, and a target that never gets its webhooks again.
 */
export class BreakerWorld {
  readonly violations: string[] = [];
  readonly story: string[] = [];
  readonly happened = new Set<string>();
  #now = 1_767_225_600_000;
  #isDown = false;
  readonly #states = new Map<string, BreakerState>();
  readonly #requests: Request[] = [];
  #entering: Entering[] = [];
  #calls: Call[] = [];
  readonly #environments: Environment[];

  constructor(
    private readonly scenario: BreakerScenario,
    private readonly sabotage: BreakerSabotage = {},
  ) {
    this.#environments = scenario.clockSkews.map((_, index) => this.#start(index));
  }

  /** Lives through the choices, then mends the target and looks whether it gets its webhooks again. */
  async live(): Promise<void> {
    for (const choice of this.scenario.choices) {
      await this.#step(randomFrom(choice));
      await microtasksDone();
      this.#check();
    }
    await this.#recover();
    this.#check();
  }

  async #step(random: () => number): Promise<void> {
    const one = <Item>(items: readonly Item[]) => items[Math.floor(random() * items.length)];
    const kind = random();
    const environment = one(this.#environments);
    const request = one(this.#requests);
    const call = one(this.#calls);
    if (kind < 0.3 && environment !== undefined) void this.#enter(environment);
    else if (kind < 0.6 && request !== undefined) this.#answer(request, random);
    else if (kind < 0.8 && call !== undefined) void this.#end(call, random() < 0.1);
    else if (kind < 0.9) this.#pass(one([500, 3_000, 11_000, 29_000, 70_000]) ?? 0);
    else if (kind < 0.96) this.#turn(!this.#isDown);
    else if (this.scenario.mishaps && environment !== undefined) this.#kill(environment);
  }

  /** Without mishaps from now on: each function is free again within the longest times. */
  async #recover(): Promise<void> {
    this.#turn(false);
    for (let turn = 0; turn < 60; turn++) {
      for (const call of [...this.#calls]) void this.#end(call, false);
      for (const environment of this.#environments) void this.#enter(environment);
      await microtasksDone();
      for (let request = this.#requests[0]; request !== undefined; request = this.#requests[0]) {
        this.#take(request).go("through");
        await microtasksDone();
      }
      this.#check();
      const isFree = (environment: Environment) =>
        this.#calls.some(({ by, passage }) => by === environment && passage.state === "free");
      if (this.#environments.every(isFree)) return;
      this.#pass(5_000);
    }
    this.violations.push("the target is mended and never gets its webhooks again");
  }

  #turn(isDown: boolean): void {
    this.#isDown = isDown;
    this.#tell(`the target is ${isDown ? "down" : "up"}`);
  }

  async #enter(environment: Environment): Promise<void> {
    const entering = { by: environment, since: this.#now };
    this.#entering.push(entering);
    const passage = await environment.breaker.enter(name);
    this.#entering = this.#entering.filter((other) => other !== entering);
    if (environment.isDead) return;
    this.#tell(`function ${environment.index} enters: ${passage.state}`);
    this.happened.add(passage.state);
    if (passage.state === "closed") return;
    if (passage.state === "free" && environment.knowsOpen) {
      this.violations.push(
        `function ${environment.index} calls a target of which it knows that it is left alone`,
      );
    }
    const probing = this.#calls.find((call) => call.passage.state === "probe");
    if (passage.state === "probe" && probing !== undefined) {
      this.violations.push(`functions ${probing.by.index} and ${environment.index} probe at the same time`);
    }
    this.#calls.push({ ...entering, passage });
  }

  async #end(call: Call, isStopped: boolean): Promise<void> {
    this.#calls.splice(this.#calls.indexOf(call), 1);
    const { by, passage } = call;
    const what = isStopped ? "is stopped by its filter" : this.#isDown ? "fails" : "succeeds";
    this.#tell(`function ${by.index}: its ${passage.state} call ${what}`);
    this.happened.add(`${passage.state} ${what}`);
    const definition = { failures: this.scenario.failures, longestSeconds, holdingSeconds: 0 };
    const experience = isStopped
      ? ({ kind: "nothing" } as const)
      : this.#isDown
        ? ({ kind: "failure", failure: {} } as const)
        : ({ kind: "success" } as const);
    const opened = await by.breaker.leave({ name, definition, passage, experience });
    if (opened) this.#tell(`function ${by.index} leaves the target alone`);
  }

  #answer(request: Request, random: () => number): void {
    const how =
      !this.scenario.mishaps || random() < 0.7 ? "through" : random() < 0.5 ? "fails" : "answer lost";
    this.happened.add(`request ${how}`);
    this.#take(request).go(how);
  }

  #take(request: Request): Request {
    this.#requests.splice(this.#requests.indexOf(request), 1);
    return request;
  }

  /** Lambda ends a function whose time is up. */
  #pass(milliseconds: number): void {
    this.#now += milliseconds;
    const late = [...this.#calls, ...this.#entering].filter(
      ({ since }) => this.#now - since >= timeoutMilliseconds,
    );
    for (const { by } of late) this.#kill(by);
  }

  #kill(environment: Environment): void {
    if (environment.isDead) return;
    environment.isDead = true;
    this.#tell(`function ${environment.index} dies`);
    this.happened.add("a function died");
    this.#calls = this.#calls.filter(({ by }) => by !== environment);
    this.#entering = this.#entering.filter(({ by }) => by !== environment);
    for (const request of this.#requests.filter(({ by }) => by === environment)) this.#take(request);
    this.#environments[environment.index] = this.#start(environment.index);
  }

  #start(index: number): Environment {
    const clock = () => this.#now + (this.scenario.clockSkews[index] ?? 0);
    const memory = createMemoryBreakers(clock, this.#states);
    const table = this.sabotage.store?.(memory) ?? memory;
    const call = async <Answer>(work: () => Promise<Answer>): Promise<Answer> => {
      const { promise, resolve } = Promise.withResolvers<"through" | "fails" | "answer lost">();
      this.#requests.push({ by: environment, go: resolve });
      const how = await promise;
      if (how === "fails") throw new Error("no connection");
      const answer = await work();
      if (how === "answer lost") throw new Error("no answer");
      return answer;
    };
    const store: BreakerStore = {
      read: async (target) => {
        const state = await call(() => table.read(target));
        environment.knowsOpen = state?.open !== undefined;
        return state;
      },
      replace: async (target, seen, state) => {
        const replaced = await call(() => table.replace(target, seen, state));
        environment.knowsOpen = (replaced.done ? state : replaced.state)?.open !== undefined;
        return replaced;
      },
    };
    const { timeoutSeconds = timeoutMilliseconds / 1000 } = this.sabotage;
    const log = createLog({ level: "ERROR", writeLine: () => {}, clock });
    const random = randomFrom(index);
    const environment: Environment = {
      index,
      breaker: createBreaker({ store, timeoutSeconds, clock, random, log }),
      isDead: false,
      knowsOpen: false,
    };
    return environment;
  }

  #tell(line: string): void {
    this.story.push(`${((this.#now - 1_767_225_600_000) / 1000).toFixed(1)} s: ${line}`);
  }

  #check(): void {
    const [first] = this.violations;
    if (first !== undefined) throw new Error(`${first}\n${this.story.join("\n")}`);
  }
}
