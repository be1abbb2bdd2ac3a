import { describePrincipal, type Principal } from "../../iam/principal.js";
import { arnsElsewhere, type ResourceKind, registeredArns } from "../../iam/resources-elsewhere.js";
import { pushNewest } from "../../newest.js";
import type { Graph } from "../../program/graph.js";

/** What reached a resource whose own work is not done on this machine. */
export interface Recorded<Content> {
  readonly at: Date;
  readonly arn: string;
  readonly caller: string;
  readonly content: Content;
}

/** Records kept, the newest: a bound for a process that runs for days. */
const keptRecords = 10_000;

/** Keeps what reaches the resources of one kind: the program's own, and those that its roles may use elsewhere. */
export class Recorder<Content> {
  readonly #arns: ReadonlySet<string>;
  readonly #records: Recorded<Content>[] = [];
  readonly #listeners: ((record: Recorded<Content>) => void)[] = [];

  constructor(graph: Graph, kind: ResourceKind, besides: readonly string[] = []) {
    this.#arns = new Set([...registeredArns(graph, kind), ...arnsElsewhere(graph, kind), ...besides]);
  }

  /** Everything that was taken, oldest first. */
  get records(): readonly Recorded<Content>[] {
    return this.#records;
  }

  /** What was taken by one resource. */
  of(arn: string): Content[] {
    return this.#records.filter((record) => record.arn === arn).map(({ content }) => content);
  }

  /** Tells of each record from now on, also of those that are not kept. */
  listen(listener: (record: Recorded<Content>) => void): void {
    this.#listeners.push(listener);
  }

  has(arn: string): boolean {
    return this.#arns.has(arn);
  }

  add(arn: string, principal: Principal, content: Content): void {
    const record = { at: new Date(), arn, caller: describePrincipal(principal), content };
    pushNewest(this.#records, record, keptRecords);
    for (const listener of this.#listeners) listener(record);
  }
}
