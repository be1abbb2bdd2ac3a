import { counted } from "../../../../command-line/counted.js";
import type { DetailRequestContent } from "../../../contract.js";
import { Text } from "../../parts/text.js";

/** The request's line, query and headers. What the pipeline reads something from is marked. */
export function Request({ request }: { readonly request: DetailRequestContent }) {
  const { method, path, sourceIp, headers, query, redacted } = request;
  const important = headers.filter(({ matters }) => matters);
  return (
    <section aria-labelledby="request-title">
      <h3 id="request-title">Request</h3>
      <p class="request-line">
        <code>
          <Text>{`${method} ${path}`}</Text>
        </code>{" "}
        <span class="dim">
          from <Text>{sourceIp}</Text>
        </span>
      </p>
      {query.length === 0 ? undefined : <Pairs title="Query" pairs={query} />}
      <Pairs
        title="Headers"
        note={important.length === 0 ? "" : `the pipeline reads ${counted(important.length, "marked one")}`}
        pairs={headers}
      />
      {redacted.length === 0 ? undefined : (
        <p class="dim">
          Not kept: <Text>{redacted.join(", ")}</Text>
        </p>
      )}
    </section>
  );
}

function Pairs({
  title,
  note = "",
  pairs,
}: {
  readonly title: string;
  readonly note?: string;
  readonly pairs: readonly { readonly name: string; readonly value: string; readonly matters?: boolean }[];
}) {
  return (
    <table class="headers">
      <caption>
        {title} <span class="dim">{note}</span>
      </caption>
      <tbody>
        {pairs.map(({ name, value, matters = false }, index) => (
          <tr key={index} data-matters={matters}>
            <th scope="row">
              <Text>{name}</Text>
              {matters ? <span class="unseen"> (the pipeline reads it)</span> : undefined}
            </th>
            <td>
              <Text>{value}</Text>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}
