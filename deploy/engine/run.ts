import type { EngineEvent } from "@pulumi/pulumi/automation/index.js";
import { CommandError, RefusedError } from "../../command-line/command-error.js";
import type { Console } from "../../command-line/console.js";
import { counted } from "../../command-line/counted.js";
import { textOf } from "../../pulumi-engine/asked.js";
import { explainFailure } from "../../pulumi-engine/failure.js";
import { listenForInterrupts } from "./interrupts.js";

/** What every operation of the engine is given. */
export interface Watching {
  readonly onEvent: (event: EngineEvent) => void;
  readonly onOutput: (text: string) => void;
  readonly onError: (text: string) => void;
  readonly signal: AbortSignal;
  readonly color: "never";
  /** Otherwise what an operation returns holds the configuration's secrets in clear. */
  readonly showSecrets: false;
}

export interface Operation {
  /** The command that a person gave, such as `up`. */
  readonly command: string;
  /** The stack's name. */
  readonly stack: string;
  readonly console: Console;
  /** Whether the engine writes. What is only previewed leaves nothing behind when it is interrupted. */
  readonly writes: boolean;
  /** Ends it early. */
  readonly signal?: AbortSignal | undefined;
  readonly onEvent?: (event: EngineEvent) => void;
}

/**
 * Runs an operation of the engine to its end, also when it is interrupted.
 *
 * @returns the events, without those for debugging
 * @throws CommandError with what failed and what to do next
 */
export async function runEngine(
  { command, stack, console, writes, signal, onEvent }: Operation,
  run: (watching: Watching) => Promise<unknown>,
): Promise<readonly EngineEvent[]> {
  const events: EngineEvent[] = [];
  const output: string[] = [];
  const interrupts = listenForInterrupts((wish) =>
    console.tell(
      wish === "first"
        ? `interrupted: ${writes ? "what is in flight is finished first. Interrupt again to end at once" : "ending"}`
        : "interrupted again: ending at once",
    ),
  );
  try {
    await run({
      onEvent: (event) => {
        // A run has some two hundred of them.
        if ((event.diagnosticEvent?.severity as string) === "debug") return;
        events.push(event);
        onEvent?.(event);
      },
      onOutput: (text) => output.push(text),
      onError: (text) => output.push(text),
      signal: signal === undefined ? interrupts.signal : AbortSignal.any([interrupts.signal, signal]),
      color: "never",
      showSecrets: false,
    });
    return events;
  } catch (error) {
    if (interrupts.wanted) throw interrupted({ command, stack, writes }, events);
    const forbidden = forbiddenBy(events);
    if (forbidden.length > 0) {
      throw new CommandError(["the policy pack forbids it:", ...forbidden].join("\n"), {
        next: "change the settings or the program so that it holds",
      });
    }
    throw explainFailure({
      command,
      stack,
      text: output.join("") || textOf(error),
      errors: events.flatMap(({ diagnosticEvent }) =>
        diagnosticEvent?.severity === "error"
          ? [{ message: diagnosticEvent.message, urn: diagnosticEvent.urn }]
          : [],
      ),
    });
  } finally {
    interrupts.stop();
  }
}

/** An update that was interrupted may have left operations unfinished, a preview nothing. */
function interrupted(
  { command, stack, writes }: Pick<Operation, "command" | "stack" | "writes">,
  events: readonly EngineEvent[],
): CommandError {
  if (!writes) return new RefusedError("interrupted: nothing was done");
  const done = events.filter(
    ({ resOutputsEvent }) =>
      resOutputsEvent !== undefined && !["same", "read", "refresh"].includes(resOutputsEvent.metadata.op),
  );
  return new CommandError(`${command} was interrupted: ${counted(done.length, "resource")} had been done`, {
    next: `npm run deploy -- ${command} --stack ${stack}, which goes on from there. It says so first if an operation is unfinished`,
  });
}

/** What mandatory policies say. */
function forbiddenBy(events: readonly EngineEvent[]): string[] {
  return events.flatMap(({ policyEvent }) =>
    policyEvent?.enforcementLevel === "mandatory"
      ? [`  ${policyEvent.policyName}: ${policyEvent.message.trim().replaceAll("\n", "\n    ")}`]
      : [],
  );
}
