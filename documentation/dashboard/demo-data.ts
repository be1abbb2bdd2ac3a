/**
 * Made-up values for the picture of the dashboard: three hours in which a handler fails for a while. Webhooks wait and grow old, some
 * end as dead letters; then the handler is mended, the queue drains, and the dead letters come back.
 */

/** Values of a line, at even distances over the time range. */
export type Values = readonly number[];

const points = 60;

/** The time of the incident, as parts of the range. */
const [begins, mended, drained, redriven] = [0.42, 0.62, 0.74, 0.8];

type Course = (time: number, noise: number) => number;

/** Grows from 0 to 1 between two times, and stays. */
const ramp = (time: number, from: number, to: number) =>
  Math.min(1, Math.max(0, (time - from) / (to - from)));
const isBetween = (time: number, from: number, to: number) => time >= from && time < to;
const isIncident = (time: number) => isBetween(time, begins, mended);
const arrival: Course = (time, noise) => 42 + 9 * Math.sin(time * 7) + 8 * noise;
const backlog = (time: number) => 520 * (ramp(time, begins, mended) - ramp(time, mended, drained));
const burst =
  (size: number): Course =>
  (time, noise) =>
    isIncident(time) ? size * (0.8 + 0.4 * noise) : 0;
const around =
  (middle: number, spread: number): Course =>
  (_, noise) =>
    middle + spread * (noise - 0.5);
const none: Course = () => 0;

/** Counted in five minutes, not in one. */
const inFiveMinutes = [
  "processed",
  "distributed",
  "handed",
  "ignored",
  "rejected",
  "invalid",
  "failed",
  "held",
];

/** Counted in an hour, or no count. */
const inAnHour = ["gigabyte_seconds", "empty", "written", "read", "bytes"];

/** By how much a line's values are more in a period than in the one that the courses below are for. */
export function scaleOf(shown: string, periodSeconds: number): number {
  if (inAnHour.includes(shown)) return 1;
  return periodSeconds === 60
    ? inFiveMinutes.includes(shown)
      ? 1 / 5
      : 1
    : periodSeconds === 3_600
      ? 60
      : 1;
}

/** By what a line shows: the name of a metric, or the id of an expression. */
const courses: Readonly<Record<string, Course>> = {
  requests: arrival,
  queued: arrival,
  sent: arrival,
  received: (time, noise) => arrival(time, noise) + burst(60)(time, noise),
  done: (time, noise) => leaves(time, noise),
  deleted: (time, noise) => leaves(time, noise),
  waiting: backlog,
  dead: (time) => (isBetween(time, 0.55, redriven) ? Math.floor(7 * ramp(time, 0.55, mended)) : 0),
  drain: (time, noise) => backlog(time) / leaves(time, noise),
  processed: (time, noise) => 5 * leaves(time, noise),
  distributed: none,
  handed: none,
  ignored: around(24, 10),
  rejected: around(1.5, 2),
  invalid: (time) => (isBetween(time, 0.2, 0.22) ? 1 : 0),
  failed: burst(190),
  held: none,
  empty: around(6_200, 240),
  written: around(7_100, 500),
  read: around(140, 40),
  bytes: around(3_900_000, 300_000),
  gigabyte_seconds: (time, noise) => 96 + 70 * Number(isIncident(time)) + 12 * noise,
  ApproximateAgeOfOldestMessage: (time) =>
    2 + 1_080 * (ramp(time, begins, mended) - ramp(time, mended, drained)),
  ApproximateNumberOfMessagesNotVisible: (time, noise) => 12 + 6 * noise + backlog(time) * 0.8,
  "Failed in percent": (time, noise) => (isIncident(time) ? 78 + 12 * noise : 0.2 * noise),
  "Rejected in percent": (_, noise) => 0.3 * noise,
  "4XXError in percent": (_, noise) => 1.2 * noise,
  Duration: (time, noise) => 900 + 260 * noise + 3_400 * Number(isIncident(time)),
  ConcurrentExecutions: (time, noise) =>
    Math.round(3 + 2 * noise + 9 * Number(isBetween(time, begins, drained))),
  "LatencyMilliseconds p50": (time, noise) => 120 + 30 * noise + 600 * (backlog(time) / 520),
  "LatencyMilliseconds p95": (time, noise) => 310 + 60 * noise + 1_400 * (backlog(time) / 520),
  "LatencyMilliseconds p99": (time, noise) => 620 + 120 * noise + 2_600 * (backlog(time) / 520),
};

function leaves(time: number, noise: number): number {
  if (isIncident(time)) return 6 + 4 * noise;
  return arrival(time, noise) + (isBetween(time, mended, drained) ? 44 : 0);
}

/** Values for what a line shows; of anything not known here, nothing happens. */
export function demoValues(shown: string, scale: number): Values {
  const course = courses[shown] ?? none;
  const random = randomOf(shown);
  return Array.from({ length: points }, (_, index) =>
    Math.max(0, scale * course(index / (points - 1), random())),
  );
}

/** The same numbers for the same text each time, or the picture would change with each drawing: a linear congruential generator. */
function randomOf(text: string): () => number {
  let state = [...text].reduce((sum, character) => (sum * 31 + character.charCodeAt(0)) % 2_147_483_647, 7);
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

/** Alarms that are on in the picture, by the ends of their names. */
export const alarmsOn = ["webhooks-dead-letters", "webhooks-oldest-message", "webhooks-failed-attempts"];

/** Rows of the tables of logs, by the names of columns. */
export const failures: readonly Readonly<Record<string, string>>[] = [
  ["05:12:41", "shop/evt_8Q2n", "14", "Error: no such order"],
  ["05:12:40", "shop/evt_8Q2k", "14", "Error: no such order"],
  ["05:12:12", "github/72d3162e-cc78", "3", "TimeoutError: no answer in 10 s"],
  ["05:11:58", "shop/evt_8Q1z", "13", "Error: no such order"],
  ["05:11:31", "shop/evt_8Q1w", "13", "Error: no such order"],
  ["05:10:09", "stripe/evt_1PzT", "1", "the signature does not fit"],
].map(([timestamp = "", id = "", attempt = "", why = ""]) => ({
  "@timestamp": timestamp,
  webhook_id: id,
  source: id.split("/")[0] ?? "",
  message: why.startsWith("the signature") ? "webhook rejected" : "webhook failed",
  attempt,
  why,
}));

export const reasons: readonly Readonly<Record<string, string>>[] = [
  {
    source: "shop",
    message: "webhook failed",
    why: "Error: no such order",
    times: "1,204",
    first: "04:16",
    last: "05:12",
  },
  {
    source: "github",
    message: "webhook failed",
    why: "TimeoutError: no answer in 10 s",
    times: "9",
    first: "04:31",
    last: "05:12",
  },
  {
    source: "stripe",
    message: "webhook rejected",
    why: "the signature does not fit",
    times: "4",
    first: "03:40",
    last: "05:10",
  },
];
