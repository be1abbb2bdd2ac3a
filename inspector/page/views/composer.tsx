import { useSignal } from "@preact/signals";
import { useEffect } from "preact/hooks";
import { type Action, type Draft, type DraftRequest, paths, type Senders } from "../../contract.js";
import { Payload } from "../parts/payload.js";
import { ProblemNote } from "../parts/problem.js";
import { Text } from "../parts/text.js";
import { address, ask, isWritable, open, type Problem, problemOf, proposed, stage } from "../state/store.js";
import { base64Of, bytesOf, hexLines } from "../text/hex.js";
import { prettyJson } from "../text/pretty.js";

type Signing = NonNullable<Extract<Action, { readonly kind: "send" }>["signing"]>;
type Sender = Senders["senders"][number];

const signings: readonly (readonly [Signing, string, string])[] = [
  ["signed", "Signed", "as its provider signs"],
  ["unsigned", "Unsigned", "without a signature: it must be rejected"],
  ["tampered", "Tampered", "changed after it was signed: it must be rejected"],
];
const mostWebhooks = 1_000;

/** Sends samples, or a webhook of the list once more, edited, to the pipeline on this machine. */
export function Composer() {
  const senders = useSignal<readonly Sender[] | undefined>(undefined);
  const draft = useSignal<Draft | undefined>(undefined);
  const problem = useSignal<Problem | undefined>(undefined);
  const text = useSignal("");
  const signing = useSignal<Signing>("signed");
  const count = useSignal(1);
  const from = address.value.webhook;

  const loadDraft = async (request: DraftRequest) => {
    try {
      const loaded = await ask<Draft>(paths.draft, request);
      draft.value = loaded;
      text.value = loaded.text === undefined ? "" : (prettyIfSmall(loaded.text) ?? loaded.text);
      problem.value = undefined;
    } catch (error) {
      problem.value = problemOf(error);
    }
  };
  useEffect(() => {
    void (async () => {
      try {
        const { senders: found } = await ask<Senders>(paths.senders, {});
        senders.value = found;
        const first = found.find((sender) => sender.problem === undefined);
        if (from !== undefined) await loadDraft({ from });
        // Who has left the webhook for a source has a draft already.
        else if (draft.peek() === undefined && first !== undefined) await loadDraft(requestFor(first));
      } catch (error) {
        problem.value = problemOf(error);
      }
    })();
  }, [from]);

  if (stage.value !== undefined && !stage.value.isLocal) {
    return <p class="alone">Samples can be sent to the pipeline on this machine only.</p>;
  }
  const sender = senders.value?.find(({ source }) => source === draft.value?.source);
  const chooseSource = (source: string) => {
    const next = senders.value?.find((each) => each.source === source);
    if (next === undefined) return;
    open(undefined, "replace");
    void loadDraft(requestFor(next));
  };
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const loaded = draft.peek();
    if (loaded === undefined) return;
    const body = bodyToSend(loaded, text.peek(), from !== undefined);
    proposed.value = {
      kind: "send",
      source: loaded.source,
      ...(loaded.eventType === undefined ? {} : { eventType: loaded.eventType }),
      ...(body === undefined ? {} : { bodyBase64: body }),
      signing: signing.peek(),
      count: count.peek(),
    };
  };
  return (
    <div class="composer">
      <h1>Send a webhook</h1>
      {problem.value === undefined ? undefined : <ProblemNote problem={problem.value} />}
      {senders.value === undefined ? undefined : (
        <form onSubmit={submit}>
          <div class="fields">
            <label>
              Source
              <select
                value={draft.value?.source ?? ""}
                onChange={(event) => chooseSource(event.currentTarget.value)}
              >
                {senders.value.map((each) => (
                  <option key={each.source} value={each.source} disabled={each.problem !== undefined}>
                    {each.source}
                    {each.displayName === undefined || each.displayName.toLowerCase() === each.source
                      ? ""
                      : ` (${each.displayName})`}
                    {each.problem === undefined ? "" : `: ${each.problem}`}
                  </option>
                ))}
              </select>
            </label>
            {sender === undefined || (sender.eventTypes.length === 0 && !sender.takesType) ? undefined : (
              <label>
                Event type
                <input
                  list="event-types"
                  value={draft.value?.eventType ?? ""}
                  autocomplete="off"
                  spellcheck={false}
                  disabled={!sender.takesType && sender.eventTypes.length < 2}
                  onChange={(event) => {
                    const eventType = event.currentTarget.value.trim();
                    open(undefined, "replace");
                    void loadDraft(requestFor(sender, eventType === "" ? undefined : eventType));
                  }}
                />
                <datalist id="event-types">
                  {sender.eventTypes.map((type) => (
                    <option key={type} value={type} />
                  ))}
                </datalist>
              </label>
            )}
            <label class="short">
              How often
              <input
                type="number"
                min={1}
                max={mostWebhooks}
                required
                value={count.value}
                onInput={(event) => {
                  count.value = event.currentTarget.valueAsNumber;
                }}
              />
            </label>
          </div>
          <fieldset class="signing">
            <legend>Signature</legend>
            {signings.map(([value, name, meaning]) => (
              <label key={value} class="check">
                <input
                  type="radio"
                  name="signing"
                  checked={signing.value === value}
                  disabled={sender?.isSigned === false && value !== "signed"}
                  onChange={() => {
                    signing.value = value;
                  }}
                />
                <span>
                  {name} <span class="dim">{meaning}</span>
                </span>
              </label>
            ))}
            {sender?.isSigned === false ? <p class="dim">This source checks no signature.</p> : undefined}
          </fieldset>
          {draft.value === undefined ? undefined : <DraftFields draft={draft.value} text={text} />}
          <div class="composer-foot">
            <button type="submit" class="main" disabled={draft.value === undefined || !isWritable.value}>
              Plan to send …
            </button>
            {from === undefined ? undefined : (
              <span class="dim">
                begun with the webhook <Text>{from}</Text>
              </span>
            )}
          </div>
        </form>
      )}
    </div>
  );
}

function DraftFields({ draft, text }: { readonly draft: Draft; readonly text: { value: string } }) {
  return (
    <>
      {draft.text === undefined ? (
        <section aria-label="Body">
          <p class="dim">The body is no text, so it cannot be edited here. It is sent as it is.</p>
          <Payload kind="hex" label="Body in hexadecimal">
            {hexLines(bytesOf(draft.bodyBase64).subarray(0, 1_024)).join("\n")}
          </Payload>
        </section>
      ) : (
        <label class="wide">
          Body
          <textarea
            rows={16}
            spellcheck={false}
            autocomplete="off"
            value={text.value}
            onInput={(event) => {
              text.value = event.currentTarget.value;
            }}
          />
        </label>
      )}
      <details>
        <summary>Headers of this sample; ids, times and the signature are made anew when it is sent</summary>
        <table class="headers">
          <tbody>
            {draft.headers.map(({ name, value }) => (
              <tr key={name}>
                <th scope="row">
                  <Text>{name}</Text>
                </th>
                <td>
                  <Text>{value}</Text>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </>
  );
}

function requestFor({ source, eventTypes }: Sender, eventType = eventTypes[0]): DraftRequest {
  return { source, ...(eventType === undefined ? {} : { eventType }) };
}

/** Longest body that is indented for editing, in characters. */
const mostIndented = 200_000;

function prettyIfSmall(text: string): string | undefined {
  return text.length > mostIndented ? undefined : prettyJson(text);
}

/**
 * The bytes to send as base64.
 *
 * @returns undefined for a sample that nobody edited: each of its webhooks is then made anew
 */
function bodyToSend(draft: Draft, edited: string, isCopy: boolean): string | undefined {
  if (draft.text === undefined) return draft.bodyBase64;
  const isEdited = edited !== (prettyIfSmall(draft.text) ?? draft.text);
  if (isEdited) return base64Of(new TextEncoder().encode(edited));
  return isCopy ? draft.bodyBase64 : undefined;
}
