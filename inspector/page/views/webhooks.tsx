import { address } from "../state/store.js";
import { Comparison } from "./detail/comparison.js";
import { DetailPane } from "./detail/detail-pane.js";
import { FilterLine } from "./filter-line.js";
import { WebhookList } from "./list.js";

/** The list, and beside it, or over it where there is little room, what is open. */
export function Webhooks() {
  const { webhook, against } = address.value;
  return (
    <div class="webhooks" data-open={webhook !== undefined}>
      <section class="list-pane" aria-label="Webhooks">
        <FilterLine />
        <WebhookList />
      </section>
      {webhook === undefined ? undefined : against === undefined ? (
        <DetailPane key={webhook} id={webhook} />
      ) : (
        <Comparison key={`${webhook} ${against}`} ids={[webhook, against]} />
      )}
    </div>
  );
}
