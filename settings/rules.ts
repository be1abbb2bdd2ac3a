import { longestVisibilitySeconds } from "../runtime/batch/backoff.js";
import { invocationTimes } from "../runtime/batch/deadline.js";
import { alarmProblems, alarmWarnings } from "./alarms/alarm-rules.js";
import { changeProblems } from "./changes/change-problems.js";
import { deadLetterRetentionDays } from "./groups.js";
import { httpProblems } from "./http-ingest.js";
import { forwardTarget, stageProblems } from "./processing.js";
import { plannedAgeOfOldest, retryProblems } from "./retries/retry-rules.js";
import type { Parsed, Partially, Settings } from "./schemas.js";
import type { SourceSettings } from "./sources.js";
import { targetProblem } from "./targets/target.js";

/**
 * Problems between settings, one line each. Each rule looks only at groups that are valid themselves, so all problems
 * of a file are reported at once.
 */
export function brokenRules(settings: Partially): string[] {
  return [
    namesAreUnique,
    changeProblems,
    doorSuitsSources,
    queueSuitsSources,
    sourcesFitStage,
    requestsGetOut,
    batchIsTaken,
    batchIsWorkedOff,
    timesFit,
    retryProblems,
    alarmProblems,
  ].flatMap((rule) => rule(settings));
}

/** docs.aws.amazon.com/lambda/latest/dg/services-sqs-configure.html: six times the function's timeout, plus the window. */
export function leastVisibilitySeconds({ timeoutSeconds, batchWindowSeconds }: Parsed["processor"]): number {
  return 6 * timeoutSeconds + batchWindowSeconds;
}

function namesAreUnique({ sources = [] }: Partially): string[] {
  const names = sources.map(({ name }) => name);
  return names.flatMap((name, index) => {
    const first = names.indexOf(name);
    return first < index
      ? [`sources[${index}].name: "${name}" is already the name of sources[${first}]`]
      : [];
  });
}

function doorSuitsSources({ api, formerApi, sources = [] }: Partially): string[] {
  const doors = [api, formerApi].flatMap((door) => (door === undefined ? [] : [door]));
  const http = doors.some(({ kind }) => kind === "http");
  return doors.flatMap((door) => {
    if (door.kind === "http") return httpProblems(sources, { onExistingApi: "existing" in door.api });
    return sources.flatMap(({ ingest, carryHeaders }, index) => [
      ...(carryHeaders.length > 0 && !http
        ? [
            `sources[${index}].carryHeaders: has no effect without api.kind http: a REST API carries all headers`,
          ]
        : []),
      ...(door.bodyMode === "bytes" && ingest.edgeSchema !== undefined
        ? [`sources[${index}].edgeSchema: needs api.bodyMode text: API Gateway cannot look into bytes`]
        : []),
    ]);
  });
}

function queueSuitsSources({ queue, sources = [] }: Partially): string[] {
  if (queue?.type !== "standard") return [];
  return sources.flatMap(({ ingest }, index) =>
    (["orderBy", "deduplicateBy"] as const)
      .filter((key) => ingest[key] !== undefined)
      .map((key) => `sources[${index}].${key}: needs queue.type fifo: a standard queue keeps no order`),
  );
}

function sourcesFitStage({ sources = [], processor }: Partially): string[] {
  if (processor === undefined) return [];
  const names = sources.flatMap(({ name, key }) => [name, key]);
  const { timeoutSeconds } = processor;
  const forwards = forwarding(sources).flatMap(({ setting, definition }) =>
    stageProblems(definition, { names, timeoutSeconds }).map(
      ({ path, message }) => `${setting}.${path.join(".")}: ${message}`,
    ),
  );
  const targets = sources.flatMap(({ subscribers }, index) =>
    subscribers.flatMap(({ definition: { target } }, at) => {
      const problem = "kind" in target ? targetProblem(target, { timeoutSeconds }) : undefined;
      if (problem === undefined) return [];
      return `sources[${index}].subscribers[${at}].target.${problem.path.join(".")}: ${problem.message}`;
    }),
  );
  return [...forwards, ...targets];
}

/**
 * What AWS refuses when the event source mapping is created:
 * docs.aws.amazon.com/lambda/latest/dg/services-sqs-parameters.html.
 */
function batchIsTaken({ processor, queue }: Partially): string[] {
  if (processor === undefined) return [];
  const { batchSize = 1, batchWindowSeconds } = processor;
  // AWS asks it of a queue that is only worked off as well.
  if (queue?.type === "fifo" || queue?.formerType === "fifo") {
    return [
      ...(batchSize > 10
        ? ["processor.batchSize: must be at most 10 with queue.type fifo (AWS refuses more)"]
        : []),
      ...(batchWindowSeconds > 0
        ? ["processor.batchWindowSeconds: must be 0 with queue.type fifo (AWS refuses a window)"]
        : []),
    ];
  }
  return batchSize > 10 && batchWindowSeconds < 1
    ? ["processor.batchWindowSeconds: must be at least 1 when batchSize is more than 10 (AWS refuses it)"]
    : [];
}

/**
 * Webhooks of a batch that are all tried before the queue gives one of them up, however long each takes.
 *
 * SQS counts each delivery, also of a webhook that was not started before the function's time was up. On a standard queue all
 * must be started at once: those that are not come back mixed with others that had no turn either. On a FIFO queue a group is
 * worked off in its order, and each delivery starts at least its first webhook.
 */
export function mostPerBatch(
  { concurrency }: Pick<Parsed["processor"], "concurrency">,
  { type, formerType, maxReceiveCount }: Pick<Parsed["queue"], "type" | "formerType" | "maxReceiveCount">,
): number {
  return type === "fifo" || formerType === "fifo" ? Math.min(concurrency, maxReceiveCount) : concurrency;
}

function batchIsWorkedOff({ processor, queue }: Partially): string[] {
  const { batchSize, concurrency = 1 } = processor ?? {};
  if (batchSize === undefined) return [];
  if (batchSize > concurrency) {
    return [
      `processor.batchSize: ${batchSize} webhooks may not be worked off: ${concurrency} are handled at the same time ` +
        "(processor.concurrency). If these take all of the function's time, the others are delivered again without a " +
        "try, and each delivery counts towards queue.maxReceiveCount. It must be at most processor.concurrency",
    ];
  }
  if (processor === undefined || queue === undefined || batchSize <= mostPerBatch(processor, queue))
    return [];
  return [
    `processor.batchSize: ${batchSize} webhooks of one group may not be worked off in ${queue.maxReceiveCount} deliveries ` +
      "(queue.maxReceiveCount): a FIFO group is handled one by one, and a slow handler gets through one in each delivery. " +
      `It must be at most ${queue.maxReceiveCount}`,
  ];
}

/** The end of an invocation in which no webhook is started. */
function lastStartSeconds({ timeoutSeconds }: Pick<Parsed["processor"], "timeoutSeconds">): number {
  return invocationTimes(timeoutSeconds).lastStart / 1000;
}

function timesFit({ processor, queue, history }: Partially): string[] {
  const problems: string[] = [];
  if (processor && lastStartSeconds(processor) >= processor.timeoutSeconds) {
    problems.push(
      `processor.timeoutSeconds: must be at least ${processor.timeoutSeconds + 1}: the function starts no webhook in its ` +
        `last ${lastStartSeconds(processor)} s, so with ${processor.timeoutSeconds} it would start none`,
    );
  }
  if (processor && leastVisibilitySeconds(processor) > longestVisibilitySeconds) {
    problems.push(
      `processor.timeoutSeconds: six times this plus the window must fit into ${longestVisibilitySeconds} seconds`,
    );
  }
  const hidden = queue?.visibilityTimeoutSeconds;
  if (processor && hidden !== undefined && hidden < leastVisibilitySeconds(processor)) {
    problems.push(
      `queue.visibilityTimeoutSeconds: must be at least ${leastVisibilitySeconds(processor)}, six times ` +
        "processor.timeoutSeconds plus batchWindowSeconds; otherwise SQS delivers webhooks that are still being handled",
    );
  }
  if (queue && history && history.ttlDays <= queue.retentionDays + deadLetterRetentionDays) {
    problems.push(
      `history.ttlDays: must be more than ${queue.retentionDays + deadLetterRetentionDays}, the days that a webhook can wait ` +
        "in both queues; otherwise a webhook that is redriven late would be handled twice",
    );
  }
  return problems;
}

/** A VPC that the stack makes lets the function call port 443, and reaches the internet through a NAT gateway alone. */
function requestsGetOut({ sources = [], processor }: Partially): string[] {
  const vpc = processor?.vpc;
  if (vpc?.kind !== "new") return [];
  const needsNat = (setting: string) =>
    vpc.natGateway
      ? []
      : [`${setting}: needs processor.vpc.natGateway: without it the VPC has no way to the internet`];
  const needsPort443 = (setting: string, url: string) => {
    const { port } = forwardTarget(url);
    return port === 443
      ? []
      : [`${setting}: leads to port ${port}, and the VPC lets the function call port 443 alone`];
  };
  const forwards = forwarding(sources).flatMap(({ setting, definition: { forward } }) =>
    forward === undefined
      ? []
      : [
          ...(forward.allowPrivateNetwork ? [] : needsNat(`${setting}.forward`)),
          ...needsPort443(`${setting}.forward.url`, forward.url),
        ],
  );
  const keys = sources.flatMap(({ definition: { signature } }, index) => [
    ...(signature.kind !== "jwt" || signature.keys === undefined
      ? []
      : [
          ...needsNat(`sources[${index}].signature`),
          ...needsPort443(`sources[${index}].signature.keysUrl`, signature.keys.url),
        ]),
  ]);
  return [...forwards, ...keys];
}

/**
 * What a function cannot reach of AWS from the VPC that the stack makes, a line each. Without a NAT gateway the VPC has
 * private endpoints alone, and these lead to the stack's own Region.
 *
 * @param region the Region of the stack, which is no setting of the pipeline
 */
export function outOfReach({ processor: { vpc }, sources, events }: Settings, region: string): string[] {
  if (vpc?.kind !== "new" || vpc.natGateway) return [];
  const targets = sources.flatMap(({ subscribers }, index) =>
    subscribers.flatMap(({ definition: { target } }, at) =>
      "kind" in target
        ? [{ setting: `sources[${index}].subscribers[${at}].target.${target.kind}`, arn: target.arn }]
        : [],
    ),
  );
  const bus = events === undefined ? [] : [{ setting: "events.bus", arn: events.bus }];
  return [...targets, ...bus].flatMap(({ setting, arn }) => {
    const [, , , own = region] = arn.split(":");
    return own === region
      ? []
      : [
          `${setting}: is in ${own}, and the function cannot get there: its VPC has private endpoints in ${region} alone. Set ` +
            "processor.vpc.natGateway",
        ];
  });
}

/** All that may forward, with the setting that `forward` stands in: sources, and their subscribers' targets. */
function forwarding(sources: readonly SourceSettings[]) {
  return sources.flatMap(({ definition, subscribers }, index) => [
    { setting: `sources[${index}]`, definition },
    ...subscribers.map(({ definition: { name, rememberedAs = name, target } }, at) => ({
      setting: `sources[${index}].subscribers[${at}].target`,
      definition: { name, rememberedAs, ...("forward" in target ? { forward: target.forward } : {}) },
    })),
  ]);
}

/** What is allowed and seldom meant, a line each: to be shown, and to stop nothing. */
export function warningsOf(settings: Settings): string[] {
  const { alarms, queue } = settings;
  const plannedAge = plannedAgeOfOldest(settings);
  return [
    ...alarmWarnings(settings),
    ...(queue.maxReceiveCount === 1
      ? [
          "queue.maxReceiveCount: 1 sends a webhook to the dead-letter queue at its first failure, however brief its cause",
        ]
      : []),
    ...(alarms.oldestMessageSeconds <= plannedAge
      ? [
          `alarms.oldestMessageSeconds: after ${alarms.oldestMessageSeconds} seconds the alarm goes off for a webhook that is only tried ` +
            `again as planned, which can take ${plannedAge}`,
        ]
      : []),
  ];
}
