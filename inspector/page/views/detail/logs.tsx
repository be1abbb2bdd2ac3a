import type { DetailLog } from "../../../contract.js";
import { Text } from "../../parts/text.js";
import { Time } from "../../parts/time.js";

/** What the functions logged about a webhook, attempt by attempt. */
export function Logs({
  logs,
  problem,
}: {
  readonly logs: readonly DetailLog[];
  readonly problem: string | undefined;
}) {
  return (
    <section aria-labelledby="logs-title">
      <h3 id="logs-title">Log lines</h3>
      {problem === undefined ? undefined : (
        <p class="bad">
          <Text>{problem}</Text>
        </p>
      )}
      {logs.length === 0 ? (
        <p class="dim">{problem === undefined ? "The functions logged nothing about it (yet)." : ""}</p>
      ) : (
        <ol class="logs">
          {logs.map((log, index) => (
            <li key={index} data-level={log.level}>
              <Time at={log.at} isPrecise />
              <span class="level">{log.level}</span>
              <span class="what">
                {log.attempt === undefined ? undefined : <span class="mark">try {log.attempt}</span>}{" "}
                <Text>{log.message}</Text>
                {Object.keys(log.fields).length === 0 ? undefined : (
                  <code class="dim">
                    {" "}
                    <Text>{fieldsText(log.fields)}</Text>
                  </code>
                )}
              </span>
            </li>
          ))}
        </ol>
      )}
    </section>
  );
}

/** Fields of a line as `name=value`. */
export function fieldsText(fields: Readonly<Record<string, unknown>>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}=${typeof value === "string" ? value : JSON.stringify(value)}`)
    .join(" ");
}
