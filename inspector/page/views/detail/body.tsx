import { useSignal } from "@preact/signals";
import type { ComponentChildren } from "preact";
import { useMemo } from "preact/hooks";
import type { DetailRequestContent } from "../../../contract.js";
import { CopyButton } from "../../parts/copy-button.js";
import { LongText } from "../../parts/long-text.js";
import { Payload } from "../../parts/payload.js";
import { Text } from "../../parts/text.js";
import { bytesOf, hexLines } from "../../text/hex.js";
import { prettyJson } from "../../text/pretty.js";
import { sizeText } from "../../text/times.js";

type BodyContent = DetailRequestContent["body"];
type Form = "pretty" | "raw" | "hex";

const formNames: Readonly<Record<Form, string>> = { pretty: "Pretty", raw: "Raw", hex: "Hex" };
/** Bytes that are shown in hexadecimal at first. */
const hexBytes = 4_096;

/** The body in each of its forms. */
export function Body({ body }: { readonly body: BodyContent }) {
  const pretty = useMemo(() => (body.text === undefined ? undefined : prettyJson(body.text)), [body.text]);
  const chosen = useSignal<Form | undefined>(undefined);
  const forms: readonly Form[] = [
    ...(pretty === undefined ? [] : (["pretty"] as const)),
    ...(body.text === undefined ? [] : (["raw"] as const)),
    "hex",
  ];
  const form = forms.find((each) => each === chosen.value) ?? forms[0] ?? "hex";
  return (
    <section aria-labelledby="body-title">
      <div class="section-head">
        <h3 id="body-title">Body</h3>
        <span class="dim">
          {sizeText(body.bytes)}
          {body.contentCoding === undefined ? (
            ""
          ) : (
            <>
              , shown without its <Text>{body.contentCoding}</Text> compression
            </>
          )}
        </span>
        <fieldset class="segments">
          <legend class="unseen">Form of the body</legend>
          {forms.map((each) => (
            <button
              key={each}
              type="button"
              aria-pressed={each === form}
              onClick={() => {
                chosen.value = each;
              }}
            >
              {formNames[each]}
            </button>
          ))}
        </fieldset>
        {body.text === undefined ? undefined : <CopyButton label="Copy" text={body.text} />}
      </div>
      {body.bytes === 0 ? (
        <p class="dim">The body is empty.</p>
      ) : form === "hex" ? (
        <Hex base64={body.base64} />
      ) : (
        <LongText label="Body" text={form === "pretty" ? (pretty ?? "") : (body.text ?? "")} />
      )}
    </section>
  );
}

function Hex({ base64 }: { readonly base64: string }): ComponentChildren {
  const bytes = useMemo(() => bytesOf(base64), [base64]);
  const limit = useSignal(hexBytes);
  const shown = bytes.subarray(0, limit.value);
  return (
    <>
      <Payload kind="hex" label="Body in hexadecimal">
        {hexLines(shown).join("\n")}
      </Payload>
      {shown.length === bytes.length ? undefined : (
        <button
          type="button"
          onClick={() => {
            limit.value *= 16;
          }}
        >
          Show {sizeText(Math.min(bytes.length, limit.value * 16))} of {sizeText(bytes.length)}
        </button>
      )}
    </>
  );
}
