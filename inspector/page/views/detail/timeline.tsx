import { durationText } from "../../../../command-line/times.js";
import type { TimelineStep } from "../../../contract.js";
import { Text } from "../../parts/text.js";
import { Time } from "../../parts/time.js";

/** What happened to a webhook, step by step, with the time between. */
export function Timeline({ steps }: { readonly steps: readonly TimelineStep[] }) {
  return (
    <section aria-labelledby="timeline-title">
      <h3 id="timeline-title">What happened</h3>
      <ol class="timeline">
        {steps.map((step, index) => (
          <li key={index} data-kind={step.kind}>
            <Time at={step.at} isPrecise />
            <span class="after">
              {step.afterMilliseconds === undefined ? "" : `+${durationText(step.afterMilliseconds)}`}
            </span>
            <span class="what">
              <Text>{step.what}</Text>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}
