import { readFileSync } from "node:fs";
import type { WebhookHandler } from "./define-handler.js";
import type { OpenNewsBus, OpenOverflow } from "./dependencies.js";
import { type BatchHandler, createHandler } from "./handler.js";
import type { MakeValidator, Validator } from "./routing/validation.js";
import { definitionFile, secretNamesFile, subscriberQueuesFile, validatorFile } from "./stage/archive.js";
import { handlersOf, type ProcessorDefinition } from "./stage/definition.js";
import { environmentVariables } from "./stage/environment.js";
import type { TargetModules } from "./targets/first-use.js";

/** What a stage's bundle holds besides the code that every function runs. */
export interface StageCode {
  /** Loads the default export of a handler file, by the file's name. */
  readonly handlers: Readonly<Record<string, () => Promise<unknown>>>;
  /** Loads the modules that validators require; for a stage with schemas. */
  readonly validatorModules?: () => Promise<(name: string) => unknown>;
  /** `s3Overflow`, for a stage with a bucket. */
  readonly openOverflow?: OpenOverflow;
  /** Loads `openNewsBus`, for a stage that sends events about itself. */
  readonly openNewsBus?: OpenNewsBus;
  /** The code of the targets that the stage has. */
  readonly targetModules?: TargetModules;
}

/**
 * Makes one of a stage's functions: all of them share the code, and each has its own definition beside it in the archive. Only
 * what the definition names is loaded, so that a cold start pays for no other source's handler or schema.
 *
 * @param archive folder of the archive's files
 */
export async function openFunction(archive: URL, code: StageCode): Promise<BatchHandler> {
  const readJson = (name: string) => JSON.parse(readFileSync(new URL(name, archive), "utf8")) as unknown;
  const definition = readJson(definitionFile) as ProcessorDefinition;
  const secretNames = readJson(secretNamesFile) as Readonly<Record<string, string>>;
  const [handlers, validators] = await Promise.all([
    loadHandlers(definition, code),
    loadValidators(definition, archive, code),
  ]);
  const { openOverflow, openNewsBus, targetModules } = code;
  const subscriberQueues = definition.sources.some(({ subscribers }) => subscribers !== undefined)
    ? { subscriberQueues: queueUrls(readJson(subscriberQueuesFile) as Readonly<Record<string, string>>) }
    : {};
  return createHandler(
    {
      ...definition,
      secretNames,
      validators,
      ...subscriberQueues,
      ...(openOverflow === undefined ? {} : { openOverflow }),
      ...(openNewsBus === undefined ? {} : { openNewsBus }),
      ...(targetModules === undefined ? {} : { targetModules }),
    },
    handlers,
  );
}

/** URLs of queues in the account and Region of the function's own queue: they differ in their last part, which is the name. */
function queueUrls(names: Readonly<Record<string, string>>): Record<string, string> {
  const ownUrl = process.env[environmentVariables.queueUrl] ?? "";
  const start = ownUrl.slice(0, ownUrl.lastIndexOf("/") + 1);
  return Object.fromEntries(
    Object.entries(names).map(([subscriber, name]) => [subscriber, `${start}${name}`]),
  );
}

async function loadHandlers(
  definition: ProcessorDefinition,
  { handlers }: StageCode,
): Promise<Record<string, WebhookHandler>> {
  const loaded = handlersOf(definition)
    .filter((name) => Object.hasOwn(handlers, name))
    .map(async (name) => [name, await handlers[name]?.()] as const);
  // Whether they are functions is for `createHandler` to check.
  return Object.fromEntries(await Promise.all(loaded)) as Record<string, WebhookHandler>;
}

async function loadValidators(
  { sources, subscribers = [] }: ProcessorDefinition,
  archive: URL,
  { validatorModules }: StageCode,
): Promise<Record<string, Validator>> {
  const names = [...sources, ...subscribers].flatMap(({ name, schema }) =>
    schema === undefined ? [] : name,
  );
  if (names.length === 0 || validatorModules === undefined) return {};
  const require = await validatorModules();
  const loaded = names.map(async (name) => {
    const { default: make } = (await import(new URL(validatorFile(name), archive).href)) as {
      default: MakeValidator;
    };
    return [name, make(require)] as const;
  });
  return Object.fromEntries(await Promise.all(loaded));
}
