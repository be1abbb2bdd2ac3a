import { setTimeout as delay } from "node:timers/promises";
import type { Stage } from "../../ops/stage/stage.js";
import type { PipelineFigures } from "../contract.js";
import { pipelineFigures } from "../reading/figures.js";

/** Reads the pipeline's figures again and again while somebody listens, once for all of them. */
export class PipelineWatch {
  #figures: PipelineFigures | undefined;
  #stop: AbortController | undefined;
  readonly #listeners = new Set<() => void>();

  constructor(
    private readonly stage: Stage,
    /** Between two readings. */
    private readonly pauseMilliseconds: number,
    /** Is given what is read. */
    private readonly onFigures: (figures: PipelineFigures) => void = () => {},
  ) {}

  /** The newest figures; undefined until they were read. */
  get figures(): PipelineFigures | undefined {
    return this.#figures;
  }

  /** Reads them now. */
  async read(): Promise<PipelineFigures> {
    this.#figures = await pipelineFigures(this.stage);
    this.onFigures(this.#figures);
    return this.#figures;
  }

  /** Calls the listener when there are new figures, until what is returned is called. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener);
    if (this.#stop === undefined) {
      this.#stop = new AbortController();
      void this.#watch(this.#stop.signal);
    }
    return () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size > 0) return;
      this.#stop?.abort();
      this.#stop = undefined;
    };
  }

  async #watch(stop: AbortSignal): Promise<void> {
    while (!stop.aborted) {
      // The history is read at the same time, and whoever listens is told there that the stage does not answer.
      await this.read().catch(() => {});
      if (stop.aborted) return;
      for (const listener of this.#listeners) listener();
      await delay(this.pauseMilliseconds, undefined, { signal: stop }).catch(() => {});
    }
  }
}
