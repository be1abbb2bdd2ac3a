import type { LaptopFacts } from "../../../contract.js";
import { CopyButton } from "../../parts/copy-button.js";
import { LongText } from "../../parts/long-text.js";
import { Text } from "../../parts/text.js";
import { Time } from "../../parts/time.js";

/** What only a pipeline on this machine can tell: the message to SQS, and the permissions that were asked for. */
export function Laptop({ facts }: { readonly facts: LaptopFacts }) {
  const { sqsForm, permissions } = facts;
  const denied = permissions.filter(({ isAllowed }) => !isAllowed).length;
  return (
    <>
      <section aria-labelledby="permissions-title">
        <h3 id="permissions-title">Permissions asked for</h3>
        {permissions.length === 0 ? (
          <p class="dim">None are remembered.</p>
        ) : (
          <details open={denied > 0}>
            <summary>
              {permissions.length} asked for,{" "}
              {denied === 0 ? "all allowed" : <span class="bad">{denied} denied</span>}
            </summary>
            <div class="scroll-x">
              <table class="grid">
                <thead>
                  <tr>
                    <th scope="col">Time</th>
                    <th scope="col">Answer</th>
                    <th scope="col">Action</th>
                    <th scope="col">Resource</th>
                    <th scope="col">Who asked</th>
                  </tr>
                </thead>
                <tbody>
                  {permissions.map(({ at, principal, action, resource, isAllowed }, index) => (
                    <tr key={index} data-tone={isAllowed ? "good" : "attention"}>
                      <td>
                        <Time at={at} isPrecise />
                      </td>
                      <td>{isAllowed ? "allowed" : "denied"}</td>
                      <td>
                        <code>
                          <Text>{action}</Text>
                        </code>
                      </td>
                      <td class="breaks">
                        <Text>{resource}</Text>
                      </td>
                      <td class="breaks">
                        <Text>{principal}</Text>
                      </td>
                    </tr>
                  ))}
                </tbody>
              </table>
            </div>
          </details>
        )}
      </section>
      {sqsForm === undefined ? undefined : (
        <section aria-labelledby="sqs-title">
          <div class="section-head">
            <h3 id="sqs-title">Message that the gateway rendered for SQS</h3>
            <CopyButton label="Copy" text={sqsForm} />
          </div>
          <LongText label="Message for SQS" text={sqsForm} />
        </section>
      )}
    </>
  );
}
