import { z } from "zod";
import { prepare } from "./acting/prepare.js";
import { draft, senders } from "./acting/send.js";
import { type Action, type DraftRequest, paths } from "./contract.js";
import type { Inspected } from "./inspected.js";
import { detail } from "./reading/detail.js";
import { stageFacts } from "./reading/facts.js";
import { list } from "./reading/list.js";
import { RefusedRequest } from "./refusal.js";

/** Answers a call. @throws RefusedRequest for a body of another form */
export type Call = (inspected: Inspected, input: unknown, signal: AbortSignal) => Promise<object>;

const nothing = z.strictObject({});
const filter = z.string().max(10_000);
const listRequest = z.strictObject({
  filter,
  limit: z.int().min(1).max(500).optional(),
  older: z.string().max(100_000).optional(),
});
const detailRequest = z.strictObject({ id: z.string().min(1).max(2_048) });
const streamRequest = z.strictObject({ filter });
const rate = z.int().min(1).max(1_000).optional();
const reason = z.string().min(1).max(1_000).optional();
const name = z.string().min(1).max(200);
const action = z.discriminatedUnion("kind", [
  z.strictObject({
    kind: z.literal("replay"),
    ids: z.array(z.string().min(1).max(2_048)).max(1_000).optional(),
    filter: filter.optional(),
    subscriber: name.optional(),
    rate,
    reason,
  }),
  z.strictObject({ kind: z.literal("redrive"), lane: name.optional(), rate }),
  z.strictObject({ kind: z.literal("pause"), lane: name, reason }),
  z.strictObject({ kind: z.literal("resume"), lane: name }),
  z.strictObject({
    kind: z.literal("send"),
    source: name,
    bodyBase64: z.base64().optional(),
    eventType: z.string().min(1).max(256).optional(),
    signing: z.enum(["signed", "unsigned", "tampered"]).optional(),
    count: z.int().min(1).max(1_000).optional(),
    rate,
  }),
]);
const confirmRequest = z.strictObject({ planId: z.string() });
const actionRequest = z.strictObject({ actionId: z.string() });
const draftRequest = z.union([
  z.strictObject({ source: name, eventType: z.string().min(1).max(256).optional() }),
  z.strictObject({ from: z.string().min(1).max(2_048) }),
]);

const calls: Readonly<Record<string, Call>> = {
  [paths.stage]: call(nothing, async ({ stage }) => stageFacts(stage)),
  [paths.pipeline]: call(nothing, ({ pipeline }) => pipeline.read()),
  [paths.list]: call(listRequest, (inspected, request, signal) =>
    list(inspected, withoutUndefined(request), signal),
  ),
  [paths.detail]: call(detailRequest, (inspected, request) => detail(inspected, request)),
  [paths.plan]: call(action, async (inspected, request) => {
    const { plans } = writing(inspected);
    return plans.keep(request.kind, await prepare(inspected, withoutUndefined(request) as Action));
  }),
  [paths.confirm]: call(confirmRequest, async (inspected, { planId }) => {
    const { plans, actions } = writing(inspected);
    return actions.begin(plans.take(planId));
  }),
  [paths.action]: call(actionRequest, async ({ actions }, { actionId }) => actions.state(actionId)),
  [paths.stop]: call(actionRequest, async (inspected, { actionId }) =>
    writing(inspected).actions.stop(actionId),
  ),
  [paths.senders]: call(nothing, (inspected) => senders(inspected)),
  [paths.draft]: call(draftRequest, (inspected, request) =>
    draft(inspected, withoutUndefined(request) as DraftRequest),
  ),
};

/** @throws RefusedRequest for a stage that is only looked at */
function writing(inspected: Inspected): Inspected {
  if (inspected.isWritable) return inspected;
  throw new RefusedRequest(
    403,
    `stage ${inspected.stage.name} is only looked at`,
    `npm run ops -- inspect --allow-write --stack ${inspected.stage.name}`,
  );
}

/** The call of a path. The stream is none: it has no one answer. */
export function callOf(path: string): Call | undefined {
  return Object.hasOwn(calls, path) ? calls[path] : undefined;
}

/** @throws RefusedRequest for a body of another form */
export function readStreamRequest(input: unknown): z.output<typeof streamRequest> {
  return read(streamRequest, input);
}

function call<Request>(
  form: z.ZodType<Request>,
  answer: (inspected: Inspected, request: Request, signal: AbortSignal) => Promise<object>,
): Call {
  return async (inspected, input, signal) => answer(inspected, read(form, input), signal);
}

function read<Request>(form: z.ZodType<Request>, input: unknown): Request {
  const result = form.safeParse(input);
  if (result.success) return result.data;
  const problems = result.error.issues.map(({ path, message }) => `${path.join(".") || "it"}: ${message}`);
  throw new RefusedRequest(400, `the request is not understood: ${problems.join("; ")}`);
}

type Defined<Value> = { [Name in keyof Value]: Exclude<Value[Name], undefined> };

/** What zod leaves undefined is absent. */
function withoutUndefined<Value extends object>(value: Value): Defined<Value> {
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<Value>;
}
