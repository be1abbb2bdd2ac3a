import { durationText } from "../../../../command-line/times.js";
import type { Detail, SignatureVerdict } from "../../../contract.js";
import { Text } from "../../parts/text.js";

/** Why a webhook ended as it did: what a person looks for first. */
export function Why({ detail }: { readonly detail: Detail }) {
  const { row, signature, ignored, lacks } = detail;
  const reason = ignored ?? row.reason;
  if (reason === undefined && signature === undefined && lacks === undefined) return undefined;
  return (
    <section class="why" aria-labelledby="why-title">
      <h3 id="why-title">
        {signature === undefined ? `Why it is ${row.outcome}` : "Why its signature failed"}
      </h3>
      {reason === undefined ? undefined : (
        <p class="reason">
          <Text>{reason}</Text>
        </p>
      )}
      {signature === undefined ? undefined : <Signature verdict={signature} />}
      {lacks === undefined ? undefined : (
        <p class="dim">
          It cannot be replayed: <Text>{lacks}</Text>
        </p>
      )}
    </section>
  );
}

const placeWords = { found: "found", missing: "missing", "not-kept": "was there, and must not be kept" };
const nowWords = {
  fits: "It fits",
  "does-not-fit": "It does not fit",
  "cannot-be-checked": "It cannot be checked",
};

function Signature({ verdict }: { readonly verdict: SignatureVerdict }) {
  const { scheme, places, signedTime, now, sentences } = verdict;
  return (
    <>
      <dl class="facts">
        <div>
          <dt>scheme</dt>
          <dd>
            <Text>{scheme}</Text>
          </dd>
        </div>
        {places.map(({ place, state }) => (
          <div key={place}>
            <dt>
              <code>
                <Text>{place}</Text>
              </code>
            </dt>
            <dd class={state === "missing" ? "bad" : undefined}>{placeWords[state]}</dd>
          </div>
        ))}
        {signedTime === undefined ? undefined : (
          <div>
            <dt>signed time</dt>
            <dd class={isOutside(signedTime) ? "bad" : undefined}>{timeWords(signedTime)}</dd>
          </div>
        )}
        <div>
          <dt>checked now</dt>
          <dd class={now.state === "does-not-fit" ? "bad" : now.state === "fits" ? "good" : undefined}>
            {nowWords[now.state]} ({now.activeSecrets} active {now.activeSecrets === 1 ? "secret" : "secrets"}
            ): <Text>{now.reason}</Text>
          </dd>
        </div>
      </dl>
      <details>
        <summary>In sentences, as ops show has it</summary>
        <ul>
          {sentences.map((sentence) => (
            <li key={sentence}>
              <Text>{sentence}</Text>
            </li>
          ))}
        </ul>
      </details>
    </>
  );
}

type SignedTime = NonNullable<SignatureVerdict["signedTime"]>;

function isOutside({ skewSeconds, toleranceSeconds }: SignedTime): boolean {
  if (skewSeconds === undefined) return true;
  return toleranceSeconds !== undefined && Math.abs(skewSeconds) > toleranceSeconds;
}

function timeWords({ skewSeconds, toleranceSeconds }: SignedTime): string {
  const limit =
    toleranceSeconds === undefined
      ? "any difference is allowed"
      : `${durationText(toleranceSeconds * 1_000)} allowed`;
  if (skewSeconds === undefined) return `cannot be read; ${limit}`;
  const length = durationText(Math.abs(skewSeconds) * 1_000);
  return `${length} ${skewSeconds < 0 ? "after" : "before"} it was received; ${limit}`;
}
