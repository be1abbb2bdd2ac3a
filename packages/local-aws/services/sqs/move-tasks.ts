import { randomUUID } from "node:crypto";
import { setTimeout as delay } from "node:timers/promises";
import { readTaskHandle, taskHandle } from "../../iam/task-handle.js";
import { invalidParameter, queueDoesNotExist, SqsError } from "./errors.js";
import type { MessageDraft, QueuedMessage } from "./message.js";
import type { Queue } from "./queue.js";

interface MoveTask {
  readonly id: string;
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

/** As many of a queue's tasks as ListMessageMoveTasks can tell of; older ones are forgotten. */
export const mostListedTasks = 10;

/** Redrives out of dead-letter queues (AWS fact 3.12). A moved message is a new one: new id, new time, receive count 0. */
export class MoveTasks {
  /** By the ARN of the queue that they empty, newest first. */
  readonly #tasks = new Map<string, MoveTask[]>();
  readonly #stopped = new AbortController();

  constructor(
    private readonly queueByArn: (arn: string) => Queue | undefined,
    private readonly queues: ReadonlyMap<string, Queue>,
  ) {}

  /** Starts a move and returns its handle; throws SqsError where SQS would refuse. */
  start(sourceArn: string, destinationArn?: string, perSecond?: number): string {
    const source = this.#named("SourceArn", sourceArn);
    const redrivesHere = [...this.queues.values()].some(
      ({ settings }) => settings.redrive?.deadLetterTargetArn === sourceArn,
    );
    if (!redrivesHere) throw invalidParameter("Source queue must be configured as a Dead Letter Queue.");
    if (destinationArn !== undefined) this.#checkDestination(source, destinationArn);
    if (perSecond !== undefined && !(perSecond >= 1 && perSecond <= 500)) {
      throw invalidParameter(
        `Value ${perSecond} for parameter MaxNumberOfMessagesPerSecond is invalid. Reason: You must enter a value between 1 and 500.`,
      );
    }
    const earlier = this.#tasks.get(sourceArn) ?? [];
    if (earlier.some(({ status }) => status === "RUNNING" || status === "CANCELLING")) {
      throw invalidParameter(
        "There is already a task running. Only one active task is allowed for a source queue arn at a given time.",
      );
    }
    const id = randomUUID();
    const task: MoveTask = {
      id,
      handle: taskHandle({ taskId: id, sourceArn }),
      sourceArn,
      destinationArn,
      perSecond,
      startedAt: Date.now(),
      toMove: source.counts().visible,
      status: "RUNNING",
      moved: 0,
    };
    this.#tasks.set(sourceArn, [task, ...earlier].slice(0, mostListedTasks));
    void this.#run(task, source);
    return task.handle;
  }

  /** Newest first, as ListMessageMoveTasks answers; a handle only while the task runs. */
  list(sourceArn: string): Record<string, unknown>[] {
    this.#named("SourceArn", sourceArn);
    return (this.#tasks.get(sourceArn) ?? []).map((task) => ({
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
    const named = readTaskHandle(handle);
    if (named === undefined) throw invalidParameter("Value for parameter TaskHandle is invalid.");
    const { taskId, sourceArn } = named;
    this.#named("SourceArn", sourceArn);
    const task = this.#tasks.get(sourceArn)?.find(({ id }) => id === taskId);
    if (task === undefined) throw resourceNotFound("Task does not exist.");
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
    this.#stopped.abort();
  }

  #named(parameter: string, arn: string): Queue {
    const queue = this.queueByArn(arn);
    if (queue !== undefined) return queue;
    if (!/^arn:[^:]+:sqs:[^:]+:\d{12}:[^:]+$/.test(arn)) {
      throw invalidParameter(
        `You must use this format to specify the ${parameter}: arn:<partition>:<service>:<region>:<account-id>:<resource-id>`,
      );
    }
    throw resourceNotFound(`The resource that you specified for the ${parameter} parameter doesn't exist.`);
  }

  /** Throws SqsError for a queue that messages of the source cannot move to (AWS fact 3.24). */
  #checkDestination(source: Queue, arn: string): void {
    const destination = this.#named("DestinationArn", arn);
    if (destination.settings.fifo !== source.settings.fifo) {
      throw invalidParameter(
        `Value ${arn} for parameter DestinationArn is invalid. Reason: Source and destination must be queues of the same type.`,
      );
    }
    // What AWS says to it is unconfirmed; the move would never end.
    if (destination === source) {
      throw invalidParameter(
        `Value ${arn} for parameter DestinationArn is invalid. Reason: Source and destination must be different queues.`,
      );
    }
  }

  /** Ends with the task; never rejects. */
  async #run(task: MoveTask, source: Queue): Promise<void> {
    const { signal } = this.#stopped;
    try {
      while (task.status === "RUNNING" && !signal.aborted) {
        if (!this.#moveNext(task, source)) task.status = "COMPLETED";
        else await delay(task.perSecond === undefined ? 0 : 1000 / task.perSecond, undefined, { signal });
      }
      if (task.status === "CANCELLING") task.status = "CANCELLED";
    } catch (error) {
      if (signal.aborted) return;
      task.status = "FAILED";
      task.failureReason = error instanceof SqsError ? error.code : "InternalFailure";
      if (!(error instanceof SqsError)) console.error("local AWS: redrive:", error);
    }
  }

  /**
   * Moves one message, and only then takes it out of its queue: one that the destination refuses stays where it is.
   *
   * @returns false if there is none left
   */
  #moveNext(task: MoveTask, source: Queue): boolean {
    const message = source.nextVisible();
    if (message === undefined) return false;
    const arn = task.destinationArn ?? message.deadLetterSourceArn;
    // Sent straight to the dead-letter queue: SQS cannot know where it belongs.
    if (arn === undefined) throw new SqsError("CouldNotDetermineMessageSource", "The message has no source.");
    const destination = this.queueByArn(arn);
    if (destination === undefined) throw queueDoesNotExist();
    destination.send(redriven(message, destination));
    source.remove(message);
    task.moved += 1;
    return true;
  }
}

/** A message as it is sent again. A FIFO queue would take its first deduplication id for a repetition of the first send. */
function redriven(message: QueuedMessage, { settings }: Queue): MessageDraft {
  const { body, attributes, systemAttributes, groupId, id } = message;
  return {
    body,
    attributes,
    systemAttributes,
    groupId,
    ...(settings.fifo ? { deduplicationId: id } : {}),
  };
}

function resourceNotFound(message: string): SqsError {
  return new SqsError("ResourceNotFoundException", message, "ResourceNotFoundException", 404);
}
