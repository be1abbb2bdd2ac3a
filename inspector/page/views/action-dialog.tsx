import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Action, type ActionState, type Plan, paths } from "../../contract.js";
import { CopyButton } from "../parts/copy-button.js";
import { Dialog } from "../parts/dialog.js";
import { Payload } from "../parts/payload.js";
import { ProblemNote } from "../parts/problem.js";
import { Text } from "../parts/text.js";
import { actions, announcement, ask, details, type Problem, problemOf, proposed } from "../state/store.js";

const titles: Readonly<Record<Action["kind"], string>> = {
  replay: "Replay",
  redrive: "Bring dead letters back",
  pause: "Pause a lane",
  resume: "Resume a lane",
  send: "Send",
};

/** Plans what a person proposed, shows the plan, asks, and then shows how far it is: the operator's command as a dialog. */
export function ActionDialog() {
  const action = proposed.value;
  if (action === undefined) return undefined;
  const close = () => {
    proposed.value = undefined;
  };
  return (
    <Dialog title={titles[action.kind]} onClose={close}>
      <Steps key={JSON.stringify(action)} first={action} onClose={close} />
    </Dialog>
  );
}

function Steps({ first, onClose }: { readonly first: Action; readonly onClose: () => void }) {
  const action = useSignal(first);
  const plan = useSignal<Plan | undefined>(undefined);
  /** Stays while another plan is made, so that its field does. */
  const rate = useSignal<number | undefined>(undefined);
  const actionId = useSignal<string | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const isBusy = useSignal(false);

  const attempt = async (work: () => Promise<void>) => {
    isBusy.value = true;
    problem.value = undefined;
    try {
      await work();
    } catch (error) {
      problem.value = problemOf(error);
    } finally {
      isBusy.value = false;
    }
  };
  const makePlan = (next: Action) => {
    action.value = next;
    plan.value = undefined;
    return attempt(async () => {
      const made = await ask<Plan>(paths.plan, next);
      // A person who has changed something since wants another plan.
      if (action.peek() !== next) return;
      plan.value = made;
      rate.value = made.rate;
      announcement.value = made.question;
    });
  };
  useEffect(() => {
    void makePlan(first);
  }, []);

  const remember = (state: ActionState) => {
    const known = actions.peek().get(state.actionId);
    // The stream may have told of its end before the answer came.
    if (known === undefined || known.state === "running") {
      actions.value = new Map(actions.peek()).set(state.actionId, state);
    }
    actionId.value = state.actionId;
  };
  const confirm = (planId: string) =>
    attempt(async () => {
      remember(await ask<ActionState>(paths.confirm, { planId }));
    });
  const stop = (id: string) =>
    attempt(async () => remember(await ask<ActionState>(paths.stop, { actionId: id })));

  const state = actionId.value === undefined ? undefined : actions.value.get(actionId.value);
  if (state !== undefined) {
    return (
      <Progress
        state={state}
        problem={problem.value}
        onStop={() => void stop(state.actionId)}
        onClose={onClose}
      />
    );
  }
  const made = plan.value;
  const isNothing = made?.ready === 0;
  return (
    <form
      method="dialog"
      onSubmit={(event) => {
        event.preventDefault();
        if (made !== undefined && !isNothing && !isBusy.value) void confirm(made.planId);
      }}
    >
      <Options action={action.value} rate={rate.value} onChange={(next) => void makePlan(next)} />
      {problem.value === undefined ? undefined : <ProblemNote problem={problem.value} />}
      {made === undefined ? (
        problem.value === undefined ? (
          <p class="dim">Planning …</p>
        ) : undefined
      ) : (
        <>
          <Payload kind="plan" label="Plan">
            <Text>{made.lines.join("\n")}</Text>
          </Payload>
          {made.command === undefined ? undefined : (
            <p class="command">
              <span class="dim">The same on the command line:</span>
              <code>
                <Text>{made.command}</Text>
              </code>
              <CopyButton label="Copy" text={made.command} />
            </p>
          )}
        </>
      )}
      <div class="dialog-foot">
        <p class="question">{isNothing ? "There is nothing to do." : (made?.question ?? "")}</p>
        <button type="button" onClick={onClose}>
          Cancel
        </button>
        {problem.value !== undefined && made === undefined ? (
          <button type="button" onClick={() => void makePlan({ ...action.value })}>
            Plan again
          </button>
        ) : (
          <button type="submit" class="main" disabled={made === undefined || isNothing || isBusy.value}>
            {verbs[first.kind]}
          </button>
        )}
      </div>
    </form>
  );
}

const verbs: Readonly<Record<Action["kind"], string>> = {
  replay: "Replay",
  redrive: "Redrive",
  pause: "Pause",
  resume: "Resume",
  send: "Send",
};

/** What a person can choose of an action before it is confirmed. Each choice makes another plan. */
function Options({
  action,
  rate,
  onChange,
}: {
  readonly action: Action;
  /** Webhooks a second, where there is more than one. */
  readonly rate: number | undefined;
  readonly onChange: (next: Action) => void;
}) {
  if (action.kind === "replay") {
    const [id, ...others] = action.ids ?? [];
    const subscribers =
      id !== undefined && others.length === 0 ? (details.value.get(id)?.replayFor ?? []) : [];
    return (
      <div class="fields">
        {subscribers.length === 0 ? undefined : (
          <label>
            For
            <select
              value={action.subscriber ?? ""}
              onChange={(event) => {
                const { subscriber: _, ...rest } = action;
                const { value } = event.currentTarget;
                onChange(value === "" ? rest : { ...rest, subscriber: value });
              }}
            >
              <option value="">all its subscribers</option>
              {subscribers.map((name) => (
                <option key={name} value={name}>
                  only {name}
                </option>
              ))}
            </select>
          </label>
        )}
        <ReasonField action={action} onChange={onChange} />
        {rate === undefined ? undefined : <RateField action={action} rate={rate} onChange={onChange} />}
      </div>
    );
  }
  if (action.kind === "redrive" && rate !== undefined) {
    return (
      <div class="fields">
        <RateField action={action} rate={rate} onChange={onChange} />
      </div>
    );
  }
  if (action.kind === "pause") {
    return (
      <div class="fields">
        <ReasonField action={action} onChange={onChange} />
      </div>
    );
  }
  return undefined;
}

function RateField<Kind extends Extract<Action, { readonly kind: "replay" | "redrive" }>>({
  action,
  rate,
  onChange,
}: {
  readonly action: Kind;
  /** That of the last plan. */
  readonly rate: number;
  readonly onChange: (next: Kind) => void;
}) {
  return (
    <label class="short">
      Webhooks a second
      <input
        type="number"
        min={1}
        required
        value={action.rate ?? rate}
        onChange={(event) => {
          const input = event.currentTarget;
          if (input.reportValidity()) onChange({ ...action, rate: input.valueAsNumber });
        }}
      />
    </label>
  );
}

function ReasonField<Kind extends Extract<Action, { readonly reason?: string }>>({
  action,
  onChange,
}: {
  readonly action: Kind;
  readonly onChange: (next: Kind) => void;
}) {
  return (
    <label>
      <span>
        Reason <span class="dim">(kept with the stage, for the others)</span>
      </span>
      <input
        value={action.reason ?? ""}
        maxLength={200}
        autocomplete="off"
        onChange={(event) => {
          const { reason: _, ...rest } = action;
          const value = event.currentTarget.value.trim();
          onChange((value === "" ? rest : { ...rest, reason: value }) as Kind);
        }}
      />
    </label>
  );
}

function Progress({
  state,
  problem,
  onStop,
  onClose,
}: {
  readonly state: ActionState;
  readonly problem: Problem | undefined;
  readonly onStop: () => void;
  readonly onClose: () => void;
}) {
  const { done, total, lines, summary, canStop } = state;
  const isRunning = state.state === "running";
  useEffect(() => {
    if (!isRunning) announcement.value = summary ?? state.state;
  }, [isRunning]);
  return (
    <div>
      <p class="progress-head">
        <strong data-state={state.state}>{stateWords[state.state]}</strong>{" "}
        {total === undefined ? (done === 0 ? "" : done) : `${done} of ${total}`}
      </p>
      <progress
        aria-label="How far it is"
        {...(total === undefined ? {} : { value: done, max: Math.max(total, 1) })}
      />
      {lines.length === 0 ? undefined : (
        <Payload kind="plan" label="What was told">
          <Text>{lines.join("\n")}</Text>
        </Payload>
      )}
      {summary === undefined ? undefined : (
        <p>
          <Text>{summary}</Text>
        </p>
      )}
      {state.problem === undefined ? undefined : <ProblemNote problem={state.problem} />}
      {problem === undefined ? undefined : <ProblemNote problem={problem} />}
      <div class="dialog-foot">
        {isRunning && canStop ? (
          <button type="button" onClick={onStop}>
            Stop
          </button>
        ) : undefined}
        <button type="button" class="main" onClick={onClose}>
          {isRunning ? "Let it run, and close" : "Close"}
        </button>
      </div>
    </div>
  );
}

const stateWords: Readonly<Record<ActionState["state"], string>> = {
  running: "Under way",
  done: "Done",
  failed: "Failed",
  stopped: "Stopped",
};
