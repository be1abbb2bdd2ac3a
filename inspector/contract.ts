/**
 * What the inspector's page and its server say to each other. It imports nothing, so that both can.
 *
 * Every call is a POST with a JSON body ({@link paths}), so nothing of a webhook stands in an address. It carries
 * `Content-Type: application/json` and `Authorization: Bearer <token>`; the token is in the fragment of the address that
 * was opened (`#token=…`), changes with every start, and belongs into `sessionStorage`, never into the address bar for
 * long. Every answer is JSON and names the stage: {@link Answer} or {@link Refusal}. Times are epoch milliseconds, and
 * names end in their unit otherwise. Text that strangers wrote is as they wrote it: show it as text.
 */

/** Where the server answers. Types of the request and of the answer stand behind each. */
export const paths = {
  /** `{}` → {@link StageFacts} */
  stage: "/api/stage",
  /** `{}` → {@link PipelineFigures}. The stream tells of them too. */
  pipeline: "/api/pipeline",
  /** {@link ListRequest} → {@link ListPage} */
  list: "/api/list",
  /** {@link DetailRequest} → {@link Detail} */
  detail: "/api/detail",
  /** {@link StreamRequest} and the header `Last-Event-ID` → `text/event-stream` of {@link StreamEvents} */
  stream: "/api/stream",
  /** {@link Action} → {@link Plan}. It changes nothing. */
  plan: "/api/plan",
  /** {@link ConfirmRequest} → {@link ActionState}. It does what was planned, once. */
  confirm: "/api/confirm",
  /** {@link ActionRequest} → {@link ActionState} */
  action: "/api/action",
  /** {@link ActionRequest} → {@link ActionState}. It stops an action; what was done stays done. */
  stop: "/api/stop",
  /** `{}` → {@link Senders}. Laptop only. */
  senders: "/api/senders",
  /** {@link DraftRequest} → {@link Draft}. Laptop only. */
  draft: "/api/draft",
} as const;

/** Which stage an answer is about. The page shows all of it at all times. */
export interface StageIdentity {
  /** The stack's name; `local:<port>` for what `npm start` runs. */
  readonly name: string;
  readonly account: string;
  readonly region: string;
  /** Whether it runs on this machine. Then there is a composer, and a detail has {@link Detail.laptop}. */
  readonly isLocal: boolean;
  /** Whether plans are taken. A stage on AWS is read only unless the inspector was started with `--allow-write`. */
  readonly isWritable: boolean;
}

/** An answer with status 200. */
export type Answer<Content> = { readonly stage: StageIdentity } & Content;

/**
 * An answer with another status: 400 for what cannot be understood, 401 without the token, 403 for a foreign page or a
 * write to a read-only stage, 404 for what there is not, 405, 413 and 415 for what the page never sends, 409 for what cannot be
 * done now, 410 for a plan that has expired or was used, 502 if the stage did not answer, 500 for a fault of ours.
 */
export interface Refusal {
  /** Absent where the request was refused before anything was looked at. */
  readonly stage?: StageIdentity;
  readonly error: {
    /** One sentence. */
    readonly message: string;
    /** What to do next: a command or words. */
    readonly next?: string;
  };
}

/** What does not change while the inspector runs. */
export interface StageFacts {
  readonly sources: readonly SourceFacts[];
  readonly lanes: readonly LaneFacts[];
  /** All outcomes that a filter can name, with how the page should colour them. */
  readonly outcomes: readonly OutcomeFacts[];
  /** Hours that the list shows unless the filter has `since:`. */
  readonly usualHours: number;
  /** What `ops` is called with for this stage: `npm run ops -- `. */
  readonly command: string;
}

export interface SourceFacts {
  readonly name: string;
  /** Name of the provider's file; absent for a scheme of one's own. */
  readonly provider?: string;
  /** How the provider writes its name. */
  readonly displayName?: string;
  /** `hmac`, `jwt`, `none` and so on. */
  readonly scheme: string;
  /** The lane that its webhooks arrive in. */
  readonly lane: string;
  /** Where its webhooks are posted to. */
  readonly url: string;
  /** Names of its subscribers without the source's. A filter and a row call one `<source>.<subscriber>`. */
  readonly subscribers: readonly string[];
}

export interface LaneFacts {
  readonly name: string;
  readonly type: "standard" | "fifo";
  /** Deliveries after which a webhook becomes a dead letter. */
  readonly maxReceiveCount: number;
  readonly sources: readonly string[];
  /** Full names. */
  readonly subscribers: readonly string[];
}

export interface OutcomeFacts {
  readonly name: OutcomeName;
  readonly tone: Tone;
}

/** `attention`: somebody should look; `underway`: not ended; `muted`: ended without work; `good`: done. */
export type Tone = "good" | "muted" | "underway" | "attention";

export type OutcomeName =
  | "processing"
  | "processed"
  | "distributed"
  | "ignored"
  | "rejected"
  | "invalid"
  | "unreadable"
  | "failed";

/** The pipeline at one moment, as `ops status` tells it. */
export interface PipelineFigures {
  readonly at: number;
  readonly lanes: readonly LaneFigures[];
  /** Sources and subscribers. */
  readonly takers: readonly TakerFigures[];
  /** Alarms that are on: pages first, then the newest. */
  readonly alarms: readonly AlarmFigures[];
  /** Failures of the last 24 hours, alike ones together, the largest group first. */
  readonly failures: readonly FailureFigures[];
  /** There are more failures than were read. */
  readonly failuresAreCut: boolean;
  /** Names of sources whose secret has no value yet. */
  readonly secretsNotSet: readonly string[];
}

export interface LaneFigures {
  readonly name: string;
  readonly waiting: number;
  readonly inFlight: number;
  readonly delayed: number;
  readonly dead: number;
  /** Age of the oldest message. Absent where CloudWatch has no value. */
  readonly oldestSeconds?: number;
  readonly state: "enabled" | "paused" | "changing";
  /** Present while it is paused, where it is known who did it. */
  readonly pause?: { readonly by: string; readonly since: number; readonly reason?: string };
}

/** A source or subscriber and its webhooks of the last hour. */
export interface TakerFigures {
  /** `stripe` or `stripe.billing` */
  readonly name: string;
  readonly lane: string;
  readonly received: number;
  /** Processed, or handed to the subscribers. Absent where there are no metrics by source. */
  readonly processed?: number;
  /** Absent where there are no metrics by source. */
  readonly ignored?: number;
  readonly rejected: number;
  readonly invalid: number;
  readonly failed: number;
}

export interface AlarmFigures {
  readonly name: string;
  readonly severity: "page" | "notify";
  readonly since: number;
  /** What it means, and what to do first. */
  readonly description: string;
  /** Why CloudWatch set it off: the figures of the metric. */
  readonly reason: string;
  /** The metric that drives it, such as `AWS/SQS ApproximateNumberOfMessagesVisible`; of a composite alarm its rule. */
  readonly metric: string;
  /** The section of the runbook: a URL, or a path in the repository. */
  readonly runbook?: string;
}

export interface FailureFigures {
  readonly outcome: OutcomeName;
  readonly source: string;
  /** The newest one's. */
  readonly reason: string;
  readonly count: number;
  readonly first: number;
  readonly last: number;
  /** Id of the newest. */
  readonly example: string;
}

export interface ListRequest {
  /**
   * The filter's line; empty: everything of the last {@link StageFacts.usualHours}. Words in any order, with `"…"` around
   * what has spaces: `source:stripe`, `source:stripe.billing`, `outcome:failed`, `type:invoice.*`, `since:2h`,
   * `until:2026-11-25T03:00Z`, `json:order.id=123` (also `header:`, `query:`, `form:`), and anything else is text that
   * an id, the reason or the body must contain. The same name twice means one or the other; different names mean both, and values
   * and texts must all be there.
   */
  readonly filter: string;
  /** @default 100, at most 500 */
  readonly limit?: number;
  /** {@link ListPage.older} of the page before. */
  readonly older?: string;
}

export interface ListPage {
  /** The newest first. */
  readonly rows: readonly ListRow[];
  /** For the next page; absent at the end. */
  readonly older?: string;
  /** What was looked at. */
  readonly from: number;
  readonly to: number;
  /** `Last-Event-ID` for a stream that goes on where this page was read: without a gap. Only on a first page. */
  readonly cursor?: string;
}

/** A webhook of the history, as `ops list --json` has it. */
export interface ListRow {
  /** Unique, and the same in all answers: a row that comes again replaces the one before. */
  readonly id: string;
  /** Source, or `<source>.<subscriber>`. */
  readonly source: string;
  readonly eventId: string;
  /** API Gateway's id, which the sender was answered. */
  readonly requestId: string;
  /** Absent where the source tells none, or its payload is not kept. */
  readonly type?: string;
  readonly receivedAt: number;
  readonly outcome: OutcomeName;
  /** Why it was ignored, rejected or invalid, or how it failed. */
  readonly reason?: string;
  readonly attempts: number;
  readonly finishedAt?: number;
  readonly handlerMilliseconds?: number;
  /** How often it was replayed. */
  readonly replays: number;
  /** For a rejected webhook that was accepted later: the id in which its history goes on. */
  readonly acceptedAs?: string;
}

export interface StreamRequest {
  /** As in {@link ListRequest}; `since:` and `until:` do not matter. */
  readonly filter: string;
}

/**
 * The events of the stream, by their names, with their data. Only `webhooks` has an id: send the last one as
 * `Last-Event-ID` when you connect again, and you get exactly what has changed since, each webhook once. The server asks
 * for a new try after the time in `retry:`.
 */
export interface StreamEvents {
  /** Comes first, and whenever nothing else did for {@link heartbeatSeconds}. */
  readonly heartbeat: {
    readonly at: number;
    /** When the history was last read with success. Absent: not yet. */
    readonly readAt?: number;
    /** Why it cannot be read at present. The page is then not live, whatever the connection is. */
    readonly problem?: Refusal["error"];
  };
  /** New webhooks, and known ones in a new state: the filter's, the oldest first. */
  readonly webhooks: {
    readonly rows: readonly ListRow[];
    /** Ids of webhooks that changed so that the filter no longer has them. */
    readonly gone: readonly string[];
    /** More that has changed before this connection follows at once: catching up. */
    readonly isCatchingUp: boolean;
  };
  /** What has changed since the id is not known any more: read the list again. */
  readonly reset: { readonly cursor: string };
  readonly pipeline: PipelineFigures;
  readonly action: ActionState;
}

/** Longest silence of a living stream. Who hears nothing for twice as long has lost it. */
export const heartbeatSeconds = 5;

export interface DetailRequest {
  /** As `ops show` takes it: the row's id, an event's id, the id that the sender was answered, or a beginning. */
  readonly id: string;
}

export interface Detail {
  readonly row: ListRow;
  /** The oldest first. */
  readonly timeline: readonly TimelineStep[];
  /** What its subscribers made of it. */
  readonly subscribers: readonly ListRow[];
  /** Subscribers, without the source's name, to which it can be replayed alone. */
  readonly replayFor: readonly string[];
  /** Why it cannot be replayed. Absent: it can. */
  readonly lacks?: string;
  /** Absent where the payload is not kept. */
  readonly request?: DetailRequestContent;
  /** Of a body that is not kept. */
  readonly omittedBody?: { readonly sha256: string; readonly bytes: number };
  /** Of a rejected webhook. */
  readonly signature?: SignatureVerdict;
  /** Of an ignored webhook: the clause of the filter and the value that did not fit, or the handler's words. */
  readonly ignored?: string;
  /** What the functions logged about it, the oldest first. */
  readonly logs: readonly DetailLog[];
  /** Why logs are missing. */
  readonly logsProblem?: string;
  /** A shell command that sends it again. Absent where its payload is not kept. */
  readonly curl?: string;
  /** A TypeScript module for `runHandlerOn`. Absent where its payload is not kept. */
  readonly fixture?: string;
  /** What only the local pipeline knows. */
  readonly laptop?: LaptopFacts;
}

export interface TimelineStep {
  readonly at: number;
  readonly kind: "received" | "replay" | "log" | "attempt" | "ended" | "lease" | "erased";
  readonly what: string;
  /** Since the step before; absent for the first. */
  readonly afterMilliseconds?: number;
  readonly attempt?: number;
}

export interface DetailRequestContent {
  readonly method: string;
  readonly path: string;
  readonly sourceIp: string;
  /** In the order in which they came. */
  readonly headers: readonly {
    readonly name: string;
    readonly value: string;
    /** The pipeline reads the signature, the event's id or its type from it. */
    readonly matters: boolean;
  }[];
  readonly query: readonly { readonly name: string; readonly value: string }[];
  /** What the sender sent and the history must not keep: `header:…`, `json:…`, `query:…`, `body`. */
  readonly redacted: readonly string[];
  readonly body: {
    readonly bytes: number;
    /** The exact bytes. */
    readonly base64: string;
    /** The bytes as UTF-8, without their compression. Absent where they are no text. */
    readonly text?: string;
    /** `Content-Encoding` that `text` is without. */
    readonly contentCoding?: string;
  };
}

/** What is known of a signature. No secret is in it. */
export interface SignatureVerdict {
  /** `hmac`, `jwt` and so on. */
  readonly scheme: string;
  /** Where the signature and the signed time are looked for. */
  readonly places: readonly { readonly place: string; readonly state: "found" | "missing" | "not-kept" }[];
  /** Absent where the scheme signs no time, or it is missing. */
  readonly signedTime?: {
    /** From the signed time to the receive time; negative: signed after it was received. Absent: it cannot be read. */
    readonly skewSeconds?: number;
    /** Absent: any difference is allowed. */
    readonly toleranceSeconds?: number;
  };
  /** The check once more, with the secrets that are active now. */
  readonly now: {
    readonly state: "fits" | "does-not-fit" | "cannot-be-checked";
    readonly activeSecrets: number;
    /** Why, as far as can be told. */
    readonly reason: string;
  };
  /** All of it in sentences, as `ops show` has it. */
  readonly sentences: readonly string[];
}

export interface DetailLog {
  readonly at: number;
  readonly level: string;
  readonly message: string;
  /** The try that it belongs to; absent where the line does not say it. */
  readonly attempt?: number;
  /** Lambda's id of the invocation. */
  readonly lambdaRequestId?: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

export interface LaptopFacts {
  /** The form that the gateway's template rendered for SQS. Absent where it is not remembered any more. */
  readonly sqsForm?: string;
  /** Permissions that were asked for between the webhook's receipt and its end, the oldest first. */
  readonly permissions: readonly {
    readonly at: number;
    /** Who asked: a role, a user or a service. */
    readonly principal: string;
    readonly action: string;
    readonly resource: string;
    readonly isAllowed: boolean;
  }[];
}

/** What a person can do. Each is planned, shown, confirmed, and then done. */
export type Action =
  | {
      readonly kind: "replay";
      /** Ids of rows; or `filter`. */
      readonly ids?: readonly string[];
      /** All webhooks of a filter's line; it must choose by more than time. */
      readonly filter?: string;
      /** Only for this subscriber, without the source's name. Absent: all. */
      readonly subscriber?: string;
      /** Webhooks a second. @default 10 */
      readonly rate?: number;
      readonly reason?: string;
    }
  | {
      readonly kind: "redrive";
      /** Absent: every lane with dead letters. */
      readonly lane?: string;
      /** Webhooks a second, at most 500. @default 10 */
      readonly rate?: number;
    }
  | { readonly kind: "pause"; readonly lane: string; readonly reason?: string }
  | { readonly kind: "resume"; readonly lane: string }
  | {
      /** Laptop only. */
      readonly kind: "send";
      readonly source: string;
      /** Absent: the provider's sample. */
      readonly bodyBase64?: string;
      readonly eventType?: string;
      /** `tampered`: changed after it was signed, so that it must be rejected. @default signed */
      readonly signing?: "signed" | "unsigned" | "tampered";
      /** @default 1, at most 1,000 */
      readonly count?: number;
      /** Webhooks a second. @default 10 */
      readonly rate?: number;
    };

export interface Plan {
  readonly planId: string;
  readonly kind: Action["kind"];
  /** The plan as the operator's command tells it, line by line. */
  readonly lines: readonly string[];
  /** What the person is asked: `Replay 3 webhooks?` */
  readonly question: string;
  /** How many webhooks it is about; absent for `pause` and `resume`. */
  readonly count?: number;
  /** Of these, how many can be done; 0: there is nothing to confirm. */
  readonly ready?: number;
  /** Webhooks a second, where more than one is replayed, moved or sent. */
  readonly rate?: number;
  /** The same on the command line. */
  readonly command?: string;
  /** When it can no longer be confirmed. */
  readonly expiresAt: number;
}

export interface ConfirmRequest {
  readonly planId: string;
}

export interface ActionRequest {
  readonly actionId: string;
}

/** How far an action is. The stream tells of each change. */
export interface ActionState {
  readonly actionId: string;
  readonly kind: Action["kind"];
  readonly state: "running" | "done" | "failed" | "stopped";
  readonly done: number;
  /** Absent where it is not known. */
  readonly total?: number;
  /** What was told so far, line by line. */
  readonly lines: readonly string[];
  /** One sentence at the end. */
  readonly summary?: string;
  /** Why it failed. */
  readonly problem?: Refusal["error"];
  /** Whether `stop` can end it. */
  readonly canStop: boolean;
}

/** Who can be imitated. */
export interface Senders {
  readonly senders: readonly {
    readonly source: string;
    readonly provider?: string;
    readonly displayName?: string;
    /** Event types that there are samples of, the usual one first. Any other can be typed if `takesType`. */
    readonly eventTypes: readonly string[];
    /** Whether an event's type has a place in its webhooks. */
    readonly takesType: boolean;
    /** Whether the source checks a signature at all; if not, `unsigned` and `tampered` say nothing. */
    readonly isSigned: boolean;
    /** Why nobody but the provider can send to it. Absent: it can be imitated. */
    readonly problem?: string;
  }[];
}

/** What the composer begins with: a sample of a source, or a webhook from the list. */
export type DraftRequest =
  | { readonly source: string; readonly eventType?: string }
  /** Id of a row. */
  | { readonly from: string };

export interface Draft {
  readonly source: string;
  readonly eventType?: string;
  /** As they would be sent, signed with a secret of this machine; they are made anew when it is sent. */
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly bodyBase64: string;
  /** The body as UTF-8. Absent where it is no text. */
  readonly text?: string;
}
