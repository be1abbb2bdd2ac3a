import type { HandshakeDefinition } from "../../runtime/stage/handshake.js";

interface Handshake {
  /** What the provider asks, for docs/ingest.md. */
  readonly question: string;
  /** What happens, for docs/ingest.md. */
  readonly answer: string;
  readonly definition: HandshakeDefinition;
}

const queued = "it is answered, queued like any other, and `ignored`";
const answeredAlone = "it is answered. Nothing is queued";

/** The handshakes that the front door answers, by the name that a source's `handshake.kind` has for each. */
export const handshakes = {
  /** developers.asana.com/docs/establish-a-webhook */
  asana: {
    question: "a POST sends the secret in `X-Hook-Secret` and expects it back as a header",
    answer: `${queued}. The history does not keep the secret; Asana's answer to your own call that makes the webhook has it`,
    definition: {
      kind: "echo",
      method: "POST",
      challenge: "header:X-Hook-Secret",
      answer: "header:X-Hook-Secret",
    },
  },
  /** github.com/dropbox/mdwebhook/blob/master/app.py */
  dropbox: {
    question: "a GET expects its `challenge` back as the body",
    answer: answeredAlone,
    definition: { kind: "echo", method: "GET", challenge: "query:challenge", answer: "text" },
  },
  intercom: {
    question: "a HEAD expects 200",
    answer: answeredAlone,
    definition: { kind: "reachable" },
  },
  /** developers.facebook.com/docs/graph-api/webhooks/getting-started */
  meta: {
    question: "a GET with `hub.mode=subscribe` and a token expects `hub.challenge` back as plain text",
    answer: "the right token is answered, any other GET gets 403. Nothing is queued",
    definition: {
      kind: "echo",
      method: "GET",
      requires: { "query:hub.mode": "subscribe" },
      token: "query:hub.verify_token",
      challenge: "query:hub.challenge",
      answer: "text",
    },
  },
  /** learn.microsoft.com/onedrive/developer/rest-api/concepts/webhook-receiver-validation-request */
  "microsoft-graph": {
    question: "a POST with `validationToken` in the query expects it back as plain text",
    answer: queued,
    definition: { kind: "echo", method: "POST", challenge: "query:validationToken", answer: "text" },
  },
  /** support.okta.com/help/s/article/Unable-to-verify-event-hook-Hook-hook-name-execution-failed */
  okta: {
    question: "a GET expects the value of its `X-Okta-Verification-Challenge` header back as JSON",
    answer: answeredAlone,
    definition: {
      kind: "echo",
      method: "GET",
      challenge: "header:X-Okta-Verification-Challenge",
      answer: "json:verification",
    },
  },
  /** docs.slack.dev/reference/events/url_verification */
  slack: {
    question: "a POST of type `url_verification` expects its `challenge` back",
    answer: queued,
    definition: {
      kind: "echo",
      method: "POST",
      requires: { "json:type": "url_verification" },
      challenge: "json:challenge",
      answer: "json:challenge",
      signed: true,
    },
  },
} as const satisfies Readonly<Record<string, Handshake>>;

/** Name of a handshake that the front door answers. */
export type ServedHandshake = keyof typeof handshakes;

/** Whether there is an answer under this name. */
export function isServed(name: string): name is ServedHandshake {
  return Object.hasOwn(handshakes, name);
}

/** Whether the stage must know a token for it. */
export function needsToken(name: ServedHandshake): boolean {
  const { definition }: Handshake = handshakes[name];
  return definition.kind === "echo" && definition.token !== undefined;
}
