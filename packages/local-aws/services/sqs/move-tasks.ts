import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { invalidParameter, SqsError } from "./errors.js";
import type { Queue, QueuedMessage } from "./queue.js";

interface MoveTask {
  readonly handle: string;
  readonly sourceArn: string;
  readonly destinationArn: string | undefined;
  readonly perSecond: number | undefined;
  readonly startedAt: number;
  readonly toMove: number;
  status: "RUNNING" | "COMPLETED" | "CANCELLING" | "CANCELLED" | "FAILED";
  moved: number;
  failureReason?: string;
}

/** Redrives out of dead-letter queues (AWS fact 3.12). A moved message is a new one: new id, new time, receive count 0. */
export class MoveTasks {
  readonly #tasks: MoveTask[] = [];
  #stopped = false;

  constructor(
    private readonly queueByArn: (arn: string) => Queue | undefined,
    private readonly queues: ReadonlyMap<string, Queue>,
  ) {}

  /** Starts a move and returns its handle; throws SqsError where SQS would refuse. */
  start(sourceArn: string, destinationArn?: string, perSecond?: number): string {
    const source = this.queueByArn(sourceArn);
    if (source === undefined) throw noSuchResource();
    const redrivesHere = [...this.queues.values()].some(
      ({ settings }) => settings.redrive?.deadLetterTargetArn === sourceArn,
    );
    if (!redrivesHere) throw invalidParameter("Source queue must be configured as a Dead Letter Queue.");
    if (destinationArn !== undefined && this.queueByArn(destinationArn) === undefined) throw noSuchResource();
    if (perSecond !== undefined && !(perSecond >= 1 && perSecond <= 500)) {
      throw invalidParameter(
        `Value ${perSecond} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a value between 1 and 500.`,
      );
    }
    if (this.#tasks.some((task) => task.sourceArn === sourceArn && task.status === "RUNNING")) {
      throw new SqsError(
        "AWS.SimpleQueueService.UnsupportedOperation",
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
        "UnsupportedOperation",
      );
    }
    const task: MoveTask = {
      handle: Buffer.from(JSON.stringify({ taskId: randomUUID(), sourceArn })).toString("base64"),
      sourceArn,
      destinationArn,
      perSecond,
      startedAt: Date.now(),
      toMove: source.counts().visible,
      status: "RUNNING",
      moved: 0,
    };
    this.#tasks.unshift(task);
    void this.#run(task, source);
    return task.handle;
  }

  /** Newest first, as ListMessageMoveTasks answers; a handle only while the task runs. */
  list(sourceArn: string): Record<string, unknown>[] {
    if (this.queueByArn(sourceArn) === undefined) throw noSuchResource();
    return this.#tasks
      .filter((task) => task.sourceArn === sourceArn)
      .map((task) => ({
        ...(task.status === "RUNNING" ? { TaskHandle: task.handle } : {}),
        Status: task.status,
        SourceArn: task.sourceArn,
        ...(task.destinationArn === undefined ? {} : { DestinationArn: task.destinationArn }),
        ...(task.perSecond === undefined ? {} : { MaxNumberOfMessagesPerSecond: task.perSecond }),
        ApproximateNumberOfMessagesMoved: task.moved,
        ApproximateNumberOfMessagesToMove: task.toMove,
        ...(task.failureReason === undefined ? {} : { FailureReason: task.failureReason }),
        StartedTimestamp: task.startedAt,
      }));
  }

  /** Returns how many messages had been moved. */
  cancel(handle: string): number {
    const task = this.#tasks.find((each) => each.handle === handle);
    if (task === undefined) throw noSuchResource();
    if (task.status !== "RUNNING") {
      throw new SqsError(
        "AWS.SimpleQueueService.UnsupportedOperation",
        "Only active tasks can be cancelled.",
        "UnsupportedOperation",
      );
    }
    task.status = "CANCELLING";
    return task.moved;
  }

  stop(): void {
    this.#stopped = true;
  }

  async #run(task: MoveTask, source: Queue): Promise<void> {
    while (task.status === "RUNNING" && !this.#stopped) {
      const message = source.takeVisible();
      if (message === undefined) {
        task.status = "COMPLETED";
        return;
      }
      const destination = this.queueByArn(task.destinationArn ?? message.deadLetterSourceArn ?? "");
      if (destination === undefined) {
        // Sent straight to the dead-letter queue: SQS cannot know where it belongs.
        source.putBack(message);
        task.status = "FAILED";
        task.failureReason = "CouldNotDetermineMessageSource";
        return;
      }
      destination.send(redriven(message, task));
      task.moved += 1;
      await delay(task.perSecond === undefined ? 0 : 1000 / task.perSecond);
    }
    if (task.status === "CANCELLING") task.status = "CANCELLED";
  }
}

function redriven({ body, attributes, traceHeader, groupId, id }: QueuedMessage, task: MoveTask) {
  // A FIFO queue would take the old deduplication id for a repetition of the first send.
  return { body, attributes, traceHeader, groupId, deduplicationId: `${task.startedAt}-${id}` };
}

function noSuchResource(): SqsError {
  return new SqsError(
    "ResourceNotFoundException",
    "The resource that you specified for the SourceArn parameter doesn't exist.",
    "ResourceNotFoundException",
    404,
  );
}
