import type { RunningPipeline, RunningSource } from "../../local/running.js";
import { SecretError } from "../../runtime/signatures/scheme.js";
import { signAnew } from "../../samples/sample.js";
import { SampleError } from "../../samples/sample-error.js";
import { sendersHeaders } from "../show/request-forms.js";
import type { Loaded, SendLoaded } from "./send-replay.js";

/**
 * Posts webhooks to the pipeline that runs on this machine, as new requests that its own senders have signed. What the history must
 * not keep is missing in them.
 */
export function toLocal({ sources, port }: Pick<RunningPipeline, "sources" | "port">): SendLoaded {
  return async (loaded, end) => {
    for (const each of loaded) {
      const source = sources.find(({ definition }) => definition.name === each.source);
      if (source === undefined) {
        end([each], "skipped", `the pipeline on port ${port} has no source ${each.source}`);
        continue;
      }
      const problem = await post(each, source);
      if (problem === undefined) end([each], "replayed");
      else end([each], problem.end, problem.why);
    }
  };
}

/** What went wrong, or undefined. */
async function post(
  { webhook }: Loaded,
  { definition, endpoint, headers: asked, keys }: RunningSource,
): Promise<{ readonly end: "skipped" | "failed"; readonly why: string } | undefined> {
  if (keys === undefined) {
    return {
      end: "skipped",
      why: "its source has its public key in the settings, and only the provider can sign for it",
    };
  }
  try {
    const { url, headers, body } = await signAnew({
      source: definition,
      webhook: { headers: sendersHeaders(webhook), query: webhook.query, body: webhook.body },
      url: endpoint,
      keys,
      now: Date.now(),
    });
    const response = await fetch(url, {
      method: "POST",
      headers: [...headers, ...Object.entries(asked)].map(
        ([name, value]) => [name, value] as [string, string],
      ),
      body: new Uint8Array(body),
    });
    const text = await response.text();
    return response.ok
      ? undefined
      : { end: "failed", why: `the front door answered ${response.status}: ${text.slice(0, 200)}` };
  } catch (error) {
    const { message } = error as Error;
    if (error instanceof SampleError || error instanceof SecretError) return { end: "skipped", why: message };
    return { end: "failed", why: `nothing answers at ${endpoint}: ${message}` };
  }
}
