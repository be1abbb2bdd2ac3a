import { Dialog } from "../parts/dialog.js";
import { facts, isHelpOpen } from "../state/store.js";
import { hasSingleKeys, keys, setSingleKeys } from "./keyboard.js";

const filterExamples = [
  ["source:stripe", "a source and its subscribers"],
  ["source:orders.billing", "one subscriber"],
  ["outcome:failed", "an outcome"],
  ["type:invoice.*", "an event type, * for any end"],
  ["since:2h until:30m", "a span of time; also 2026-11-25T03:00Z"],
  ["json:order.id=123", "a value; also header:, query:, form:"],
  ['"card declined"', "text in the id, the reason or the body"],
] as const;

/** Which keys there are, and what a filter can say. */
export function KeyboardHelp() {
  if (!isHelpOpen.value) return undefined;
  return (
    <Dialog
      title="Keys and filter"
      onClose={() => {
        isHelpOpen.value = false;
      }}
    >
      <div class="help-columns">
        <section>
          <h3>Keys</h3>
          <dl class="pairs">
            {keys.map(([name, meaning]) => (
              <div key={name}>
                <dt>
                  {name.split(" ").map((each) => (
                    <kbd key={each}>{each}</kbd>
                  ))}
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <label class="check">
            <input
              type="checkbox"
              checked={hasSingleKeys.value}
              onChange={(event) => setSingleKeys(event.currentTarget.checked)}
            />
            Single keys do something
          </label>
        </section>
        <section>
          <h3>Filter</h3>
          <dl class="pairs">
            {filterExamples.map(([example, meaning]) => (
              <div key={example}>
                <dt>
                  <code>{example}</code>
                </dt>
                <dd>{meaning}</dd>
              </div>
            ))}
          </dl>
          <p class="dim">
            The same name twice means one or the other; different names mean both. Without since: the list has
            the last {facts.value?.usualHours ?? 24} hours.
          </p>
        </section>
      </div>
    </Dialog>
  );
}
