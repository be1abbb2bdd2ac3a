import type {
  Detail,
  DetailRequestContent,
  ListRow,
  PipelineFigures,
  StageFacts,
} from "../../../inspector/contract.js";
import type { ServedStage } from "./contract-server.js";

/** The moment of the demo stage's pictures. */
export const demoNow = Date.UTC(2026, 10, 26, 9, 30, 0);

const facts: StageFacts = {
  sources: [
    {
      name: "stripe",
      provider: "stripe",
      displayName: "Stripe",
      scheme: "hmac",
      lane: "shared",
      url: "https://hooks.example.com/prod/webhooks/stripe",
      subscribers: [],
    },
    {
      name: "github",
      provider: "github",
      displayName: "GitHub",
      scheme: "hmac",
      lane: "shared",
      url: "https://hooks.example.com/prod/webhooks/github",
      subscribers: [],
    },
    {
      name: "orders",
      scheme: "hmac",
      lane: "orders",
      url: "https://hooks.example.com/prod/webhooks/orders",
      subscribers: ["billing", "search"],
    },
  ],
  lanes: [
    { name: "shared", type: "standard", maxReceiveCount: 5, sources: ["stripe", "github"], subscribers: [] },
    { name: "orders", type: "fifo", maxReceiveCount: 5, sources: ["orders"], subscribers: [] },
    {
      name: "orders.billing",
      type: "fifo",
      maxReceiveCount: 5,
      sources: [],
      subscribers: ["orders.billing"],
    },
    {
      name: "orders.search",
      type: "standard",
      maxReceiveCount: 5,
      sources: [],
      subscribers: ["orders.search"],
    },
  ],
  outcomes: [
    { name: "processing", tone: "underway" },
    { name: "processed", tone: "good" },
    { name: "distributed", tone: "good" },
    { name: "ignored", tone: "muted" },
    { name: "rejected", tone: "attention" },
    { name: "invalid", tone: "attention" },
    { name: "unreadable", tone: "attention" },
    { name: "failed", tone: "attention" },
  ],
  usualHours: 24,
  command: "npm run ops -- ",
};

const hour = 3_600_000;

export const demoFigures: PipelineFigures = {
  at: demoNow,
  lanes: [
    { name: "shared", waiting: 3, inFlight: 2, delayed: 1, dead: 0, oldestSeconds: 4, state: "enabled" },
    { name: "orders", waiting: 0, inFlight: 1, delayed: 0, dead: 0, state: "enabled" },
    {
      name: "orders.billing",
      waiting: 41,
      inFlight: 0,
      delayed: 0,
      dead: 0,
      oldestSeconds: 1_260,
      state: "paused",
      pause: { by: "ada", since: demoNow - 1_260_000, reason: "the ledger is being moved" },
    },
    { name: "orders.search", waiting: 0, inFlight: 0, delayed: 2, dead: 3, state: "enabled" },
  ],
  takers: [
    {
      name: "stripe",
      lane: "shared",
      received: 1_204,
      processed: 1_161,
      ignored: 38,
      rejected: 2,
      invalid: 0,
      failed: 3,
    },
    {
      name: "github",
      lane: "shared",
      received: 310,
      processed: 288,
      ignored: 22,
      rejected: 0,
      invalid: 0,
      failed: 0,
    },
    {
      name: "orders",
      lane: "orders",
      received: 96,
      processed: 95,
      ignored: 0,
      rejected: 0,
      invalid: 1,
      failed: 0,
    },
    {
      name: "orders.billing",
      lane: "orders.billing",
      received: 54,
      processed: 54,
      ignored: 0,
      rejected: 0,
      invalid: 0,
      failed: 0,
    },
    {
      name: "orders.search",
      lane: "orders.search",
      received: 95,
      processed: 90,
      ignored: 0,
      rejected: 0,
      invalid: 0,
      failed: 5,
    },
  ],
  alarms: [
    {
      name: "prod-orders-search-dead-letters",
      severity: "page",
      since: demoNow - 420_000,
      description:
        "Webhooks for orders.search have failed for good and wait in the dead-letter queue. Severity: page.",
      reason: "Threshold Crossed: 1 datapoint [3.0] was greater than the threshold (0.0).",
      metric: "AWS/SQS ApproximateNumberOfMessagesVisible",
      runbook: "docs/runbook.md#dead-letters",
    },
  ],
  failures: [
    {
      outcome: "failed",
      source: "orders.search",
      reason: "the target answered 503 Service Unavailable",
      count: 5,
      first: demoNow - 2 * hour,
      last: demoNow - 60_000,
      example: "orders.search/ord_1007",
    },
    {
      outcome: "failed",
      source: "stripe",
      reason: "TypeError: Cannot read properties of undefined (reading 'customer')",
      count: 3,
      first: demoNow - hour,
      last: demoNow - 95_000,
      example: "stripe/evt_1006",
    },
    {
      outcome: "rejected",
      source: "stripe",
      reason: "no signature matches",
      count: 2,
      first: demoNow - 3 * hour,
      last: demoNow - 130_000,
      example: "stripe/evt_1004",
    },
  ],
  failuresAreCut: false,
  secretsNotSet: [],
};

interface Story {
  readonly source: string;
  readonly eventId: string;
  readonly type: string;
  readonly secondsAgo: number;
  readonly outcome: ListRow["outcome"];
  readonly reason?: string;
  readonly attempts?: number;
  readonly more?: Partial<Detail>;
  readonly body?: unknown;
}

const invoice = (id: string, amount: number) => ({
  id,
  object: "event",
  api_version: "2026-10-28",
  type: "invoice.paid",
  data: {
    object: { id: "in_1PqK2e", customer: "cus_9s6XKz", amount_paid: amount, currency: "eur", lines: [] },
  },
  livemode: true,
});

const stories: readonly Story[] = [
  { source: "stripe", eventId: "evt_1009", type: "invoice.paid", secondsAgo: 1, outcome: "processing" },
  { source: "github", eventId: "2f1c6c30", type: "push", secondsAgo: 6, outcome: "processed" },
  { source: "orders", eventId: "ord_1008", type: "order.created", secondsAgo: 14, outcome: "distributed" },
  {
    source: "orders.billing",
    eventId: "ord_1008",
    type: "order.created",
    secondsAgo: 14,
    outcome: "processed",
  },
  {
    source: "orders.search",
    eventId: "ord_1007",
    type: "order.created",
    secondsAgo: 60,
    outcome: "failed",
    reason: "the target answered 503 Service Unavailable",
    attempts: 5,
  },
  {
    source: "stripe",
    eventId: "evt_1006",
    type: "invoice.paid",
    secondsAgo: 95,
    outcome: "failed",
    reason: "TypeError: Cannot read properties of undefined (reading 'customer')",
    attempts: 3,
    body: invoice("evt_1006", 4_200),
  },
  { source: "stripe", eventId: "evt_1005", type: "invoice.paid", secondsAgo: 120, outcome: "processed" },
  {
    source: "stripe",
    eventId: "evt_1004",
    type: "charge.refunded",
    secondsAgo: 130,
    outcome: "rejected",
    reason: "no signature matches",
    more: {
      signature: {
        scheme: "hmac",
        places: [{ place: "header:stripe-signature", state: "found" }],
        signedTime: { skewSeconds: 2, toleranceSeconds: 300 },
        now: {
          state: "does-not-fit",
          activeSecrets: 2,
          reason: "the sender signs with another secret, or the body was changed on its way",
        },
        sentences: [
          "the scheme is hmac",
          "header:stripe-signature is there",
          "checked again now, it does not fit",
        ],
      },
    },
  },
  {
    source: "github",
    eventId: "9b2f0e11",
    type: "star",
    secondsAgo: 210,
    outcome: "ignored",
    reason: "the filter lets only push and pull_request through",
    more: { ignored: 'filter: header:x-github-event is "star", and the clause wants push or pull_request' },
  },
  { source: "github", eventId: "5d3370a2", type: "pull_request", secondsAgo: 233, outcome: "processed" },
  {
    source: "orders",
    eventId: "ord_1003",
    type: "order.updated",
    secondsAgo: 300,
    outcome: "invalid",
    reason: "the body does not fit the schema: /total must be number",
  },
  { source: "orders", eventId: "ord_1002", type: "order.created", secondsAgo: 340, outcome: "distributed" },
  {
    source: "orders.billing",
    eventId: "ord_1002",
    type: "order.created",
    secondsAgo: 340,
    outcome: "processed",
  },
  {
    source: "orders.search",
    eventId: "ord_1002",
    type: "order.created",
    secondsAgo: 340,
    outcome: "processed",
  },
  { source: "stripe", eventId: "evt_1001", type: "customer.created", secondsAgo: 410, outcome: "processed" },
];

/** What a request had. A text is taken as it is, anything else as JSON. */
export function requestWith(
  body: Uint8Array | string,
  headers: readonly (readonly [string, string, boolean?])[],
): DetailRequestContent {
  const bytes = Buffer.from(body);
  const isText = Buffer.from(bytes.toString("utf8")).equals(bytes);
  return {
    method: "POST",
    path: "/webhooks/stripe",
    sourceIp: "203.0.113.7",
    headers: headers.map(([name, value, matters = false]) => ({ name, value, matters })),
    query: [],
    redacted: [],
    body: {
      bytes: bytes.length,
      base64: bytes.toString("base64"),
      ...(isText ? { text: bytes.toString("utf8") } : {}),
    },
  };
}

/** A webhook with all that is told of it. */
export function demoDetail(story: Story, now = demoNow): Detail {
  const { source, eventId, type, secondsAgo, outcome, reason, attempts = 1, more, body } = story;
  const receivedAt = now - secondsAgo * 1_000;
  const hasEnded = outcome !== "processing";
  const isHandled = outcome === "processed" || outcome === "failed";
  const row: ListRow = {
    id: `${source}/${eventId}`,
    source,
    eventId,
    requestId: `c6af9ac6-7b61-11e6-9a41-${eventId.slice(-4).padStart(12, "0")}`,
    type,
    receivedAt,
    outcome,
    ...(reason === undefined ? {} : { reason }),
    attempts,
    ...(hasEnded ? { finishedAt: receivedAt + 240 } : {}),
    ...(isHandled ? { handlerMilliseconds: 181 } : {}),
    replays: 0,
  };
  const tries = Array.from({ length: attempts }, (_, index) => index + 1);
  return {
    row,
    timeline: [
      { at: receivedAt, kind: "received", what: "received by the gateway" },
      ...(outcome === "rejected"
        ? []
        : [
            {
              at: receivedAt + 12,
              kind: "log" as const,
              what: "signature verified",
              afterMilliseconds: 12,
            },
          ]),
      ...tries.slice(0, -1).map((attempt) => ({
        at: receivedAt + attempt * 9_000,
        kind: "attempt" as const,
        what: `try ${attempt} failed: ${reason}`,
        afterMilliseconds: attempt === 1 ? 8_988 : 9_000,
        attempt,
      })),
      ...(hasEnded
        ? [
            {
              at: receivedAt + (attempts - 1) * 9_000 + 193,
              kind: "ended" as const,
              what: `${outcome} at try ${attempts}${isHandled ? ", its handler took 181 ms" : ""}`,
              afterMilliseconds: attempts === 1 ? 181 : 193,
            },
          ]
        : []),
    ],
    subscribers: [],
    replayFor: source === "orders" ? ["billing", "search"] : [],
    request: requestWith(JSON.stringify(body ?? { id: eventId, type, created: 1_795_771_200 }), [
      ["Content-Type", "application/json; charset=utf-8", true],
      ["User-Agent", "Stripe/1.0 (+https://stripe.com/docs/webhooks)"],
      [
        "Stripe-Signature",
        "t=1795771200,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd",
        true,
      ],
      ["X-Forwarded-For", "203.0.113.7"],
    ]),
    logs: tries.map((attempt) => ({
      at: receivedAt + (attempt - 1) * 9_000 + 12,
      level: hasEnded && reason !== undefined ? "ERROR" : "INFO",
      message: reason === undefined ? "handled" : "could not handle it",
      attempt,
      lambdaRequestId: `run-${attempt}`,
      fields: { duration_ms: 180 + attempt, ...(reason === undefined ? {} : { error: reason }) },
    })),
    curl: `curl -X POST https://hooks.example.com/prod/webhooks/${source} --data-binary '{}'`,
    fixture: "export const fixture = {};\n",
    ...more,
  };
}

/** A stage with some of everything. */
export function demoStage(change: Partial<ServedStage["identity"]> = {}): ServedStage {
  return {
    identity: {
      name: "prod",
      account: "123456789012",
      region: "eu-central-1",
      isLocal: false,
      isWritable: true,
      ...change,
    },
    facts,
    figures: demoFigures,
    details: stories.map((story) => demoDetail(story)),
    senders: {
      senders: [
        {
          source: "stripe",
          provider: "stripe",
          displayName: "Stripe",
          eventTypes: ["invoice.paid", "charge.refunded", "customer.created"],
          takesType: true,
          isSigned: true,
        },
        {
          source: "github",
          provider: "github",
          displayName: "GitHub",
          eventTypes: ["push", "pull_request"],
          takesType: true,
          isSigned: true,
        },
      ],
    },
    draft: {
      source: "stripe",
      eventType: "invoice.paid",
      headers: [
        { name: "content-type", value: "application/json; charset=utf-8" },
        { name: "stripe-signature", value: "t=1795771200,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77" },
      ],
      bodyBase64: Buffer.from(JSON.stringify(invoice("evt_sample", 1_999))).toString("base64"),
      text: JSON.stringify(invoice("evt_sample", 1_999)),
    },
  };
}
