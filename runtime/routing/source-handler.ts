import type { Webhook } from "../envelope/webhook.js";
import type { RouteTarget, SourceDefinition } from "../stage/definition.js";
import { matchesType } from "./event-type.js";
import { patternFilter, whyIgnored } from "./filter.js";
import { checkSchema, type Validator } from "./validation.js";
import { ignore, type WebhookHandler } from "./webhook-handler.js";

/** The code of a stage's sources. */
export interface SourceCode {
  /** Handler files' default exports by the files' names. */
  readonly handlers: Readonly<Record<string, WebhookHandler>>;
  /** Compiled schemas by source. */
  readonly validators: Readonly<Record<string, Validator>>;
  /** The forwarders, by source. */
  readonly forwarders: Readonly<Record<string, WebhookHandler>>;
  /** What hands webhooks to AWS targets, by source. Default: no source has one. */
  readonly targets?: Readonly<Record<string, WebhookHandler>>;
  /** Called for each webhook that its target gets. What a filter or a schema stops says nothing about the target. */
  readonly targetCalled?: (webhook: Webhook) => void;
}

/**
 * Makes the handler of a source's webhooks from the source's settings: drop what the filter excludes, check the rest
 * against the schema, and call the target of its event type.
 *
 * @throws Error for settings and code that do not fit together
 */
export function createSourceHandler(
  source: Pick<
    SourceDefinition,
    "name" | "signature" | "filter" | "schema" | "routes" | "redact" | "keepPayload"
  >,
  { handlers, validators, forwarders, targets = {}, targetCalled }: SourceCode,
): WebhookHandler {
  const forwarder = ownValue(forwarders, source.name);
  const own = ownValue(handlers, source.name) ?? forwarder ?? ownValue(targets, source.name);
  const handlerFor = createRouter(source, own, (target) => {
    if (target === "record") return undefined;
    const found = target === "forward" ? forwarder : ownValue(handlers, target.handler);
    if (found !== undefined) return found;
    const missing = target === "forward" ? "it has no forward" : `there is no handler ${target.handler}`;
    throw new Error(`source ${source.name} has a route without a target: ${missing}`);
  });
  const validate = ownValue(validators, source.name);
  if (source.schema !== undefined && validate === undefined) {
    throw new Error(
      `the schema of source ${source.name} is not compiled: deploy the function with this stack's program`,
    );
  }

  const whyUnfit = patternFilter(source);

  return (webhook, context) => {
    const eventType = webhook.type;
    const why = whyIgnored(source, eventType);
    if (why !== undefined) return ignore(why);
    const handle = () => {
      if (validate !== undefined) checkSchema(validate, webhook);
      const target = handlerFor(eventType);
      if (target !== undefined) targetCalled?.(webhook);
      return target?.(webhook, context);
    };
    if (whyUnfit === undefined) return handle();
    return whyUnfit(webhook).then((reason) => (reason === undefined ? handle() : ignore(reason)));
  };
}

/** The target of an event type. Undefined: the webhook is only recorded. */
type Router = (eventType: string | undefined) => WebhookHandler | undefined;

function createRouter(
  { routes }: Pick<SourceDefinition, "routes">,
  own: WebhookHandler | undefined,
  resolve: (target: RouteTarget) => WebhookHandler | undefined,
): Router {
  if (routes === undefined) return () => own;
  const table = routes.byEventType.map(({ match, to }) => ({ match, handler: resolve(to) }));
  const otherwise = routes.otherwise === undefined ? own : resolve(routes.otherwise);
  return (eventType) => {
    if (eventType === undefined) return otherwise;
    const route =
      table.find(({ match }) => match === eventType) ??
      table.find(({ match }) => matchesType(match, eventType));
    return route === undefined ? otherwise : route.handler;
  };
}

/** A record's own value, because a source may have the name `constructor`. */
function ownValue<Value>(record: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined;
}
