import type * as Pulumi from "@pulumi/pulumi";
import { answeredByCloud, type CloudPlace, createdInCloud } from "./cloud-values.js";
import type { GraphResource } from "./graph.js";

export interface RecordProgramOptions {
  readonly project: string;
  readonly stack: string;
  readonly place: CloudPlace;
  /** The stack's configuration by full key; text, objects as JSON. */
  readonly config?: Readonly<Record<string, string>>;
}

export interface RecordedProgram {
  readonly resources: readonly GraphResource[];
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The run that comes last so far. Pulumi's runtime is one for the whole process, so only one program runs at a time. */
let lastRun: Promise<unknown> = Promise.resolve();

/**
 * Runs a program under Pulumi's mocks and resolves what it registered, once all of it is. Calls made at the same time run
 * one after another.
 *
 * @param program registers resources and resolves the stack's outputs
 * @throws whatever the program throws; Error for a data source that has no answer here
 */
export function recordProgram(
  options: RecordProgramOptions,
  program: () => Promise<Readonly<Record<string, unknown>>>,
): Promise<RecordedProgram> {
  const run = lastRun.then(() => runAlone(options, program));
  // The next program runs whatever becomes of this one.
  lastRun = run.catch(() => {});
  return run;
}

async function runAlone(
  { project, stack, place, config }: RecordProgramOptions,
  program: () => Promise<Readonly<Record<string, unknown>>>,
): Promise<RecordedProgram> {
  // Imported on first use: Pulumi takes more than a second, which those who run a graph they already have can save.
  const pulumi = await import("@pulumi/pulumi");
  const { aliasUrns, urnOf } = await import("./aliases.js");
  const resources: GraphResource[] = [];
  const options = new Map<
    string,
    Pick<GraphResource, "parent" | "protect" | "retainOnDelete" | "ignoreChanges" | "aliases" | "dependsOn">
  >();
  const unanswered: string[] = [];
  const key = (type: string, name: string) => `${type}::${name}`;

  await pulumi.runtime.setMocks(
    {
      newResource(args) {
        const { id, state } = createdInCloud(args, place);
        if (args.type !== "pulumi:pulumi:Stack") {
          const { type, name } = args;
          const given = options.get(key(type, name)) ?? { protect: false, aliases: [] };
          resources.push({
            urn: urnOf({ project, stack, type, name, parent: given.parent }),
            type,
            name,
            ...given,
            ...secretInputsIn(args.inputs),
            custom: args.custom ?? true,
            inputs: plain(pulumi, args.inputs) as Record<string, unknown>,
            id,
            state: plain(pulumi, state) as Record<string, unknown>,
          });
        }
        return { id, state };
      },
      // A mock that throws makes the program hang, so unknown data sources are collected and reported at the end.
      call(args) {
        const answer = answeredByCloud(args, place);
        if (answer === undefined) unanswered.push(args.token);
        return answer ?? {};
      },
    },
    project,
    stack,
  );
  if (config !== undefined) pulumi.runtime.setAllConfig({ ...config });

  let outputs: Readonly<Record<string, unknown>> = {};
  let failure: { readonly error: unknown } | undefined;
  const restoreStackTraces = withoutStackTraces();
  const restoreConsole = withPlainLog();
  try {
    await pulumi.runtime.runInPulumiStack(async () => {
      // Mocks are not told of resource options; a stack transformation sees them, in this process and in every resource.
      const urns = new Map<Pulumi.Resource, string>();
      pulumi.runtime.registerStackTransformation(({ resource, type, name, opts }) => {
        const parent = opts.parent === undefined ? undefined : urns.get(opts.parent);
        const self = { project, stack, type, name, parent };
        urns.set(resource, urnOf(self));
        const { protect: inherited = false, aliases = [] } = options.get(keyOfUrn(parent ?? "")) ?? {};
        const aliasedParent = { name: parent?.split("::").at(-1) ?? "", aliases };
        const { ignoreChanges } = opts as Pulumi.CustomResourceOptions;
        options.set(key(type, name), {
          ...(parent === undefined ? {} : { parent }),
          protect: opts.protect ?? inherited,
          ...(opts.retainOnDelete === true ? { retainOnDelete: true as const } : {}),
          ...(ignoreChanges === undefined ? {} : { ignoreChanges }),
          ...(opts.dependsOn === undefined ? {} : { dependsOn: urnsOf(opts.dependsOn, urns) }),
          aliases: aliasUrns(self, opts.aliases ?? [], aliasedParent, (named) => urns.get(named)),
        });
        return undefined;
      });
      // Kept until all that was begun has ended: the stack's own promise would be rejected as well, with nobody to catch it.
      try {
        outputs = await program();
      } catch (error) {
        failure = { error };
      }
    });
    // The documented way to wait for every registration that is under way (style: pulumi/pulumi#6666).
    await pulumi.runtime.disconnect();
  } finally {
    restoreStackTraces();
    restoreConsole();
  }
  if (failure !== undefined) throw failure.error;
  if (unanswered.length > 0) {
    throw new Error(
      `packages/local-aws/program/cloud-values.ts has no answer for ${[...new Set(unanswered)].join(", ")}`,
    );
  }
  const settled = await new Promise<Record<string, unknown>>((resolve) =>
    pulumi.output(outputs).apply((values) => resolve(values as Record<string, unknown>)),
  );
  return { resources, outputs: settled };
}

/**
 * Pulumi takes a stack trace for each resource, to tell the engine where in the program it is made. Nothing here needs that,
 * and mapping the traces to TypeScript takes longer than everything else. An error's trace is formatted when it is first
 * read, so the program's own errors have theirs once this is undone.
 */
function withoutStackTraces(): () => void {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (error) => String(error);
  return () => {
    Object.assign(Error, { prepareStackTrace });
  };
}

/**
 * What a program logs goes to the engine. Without one, Pulumi writes it to the console after `[runtime]`, which tells nobody
 * anything.
 */
function withPlainLog(): () => void {
  const { log, warn, error } = console;
  for (const [level, write] of Object.entries({ log, warn, error })) {
    console[level as "log" | "warn" | "error"] = (first: unknown, ...rest: unknown[]) => {
      const plainly = typeof first === "string" ? first.replace(/^(\w+): \[runtime\] /, "$1: ") : first;
      write.call(console, plainly, ...rest);
    };
  }
  return () => {
    Object.assign(console, { log, warn, error });
  };
}

/** Of the resources that are named plainly, as this project's are; one that is still to come is not known yet. */
function urnsOf(dependencies: unknown, urns: ReadonlyMap<Pulumi.Resource, string>): string[] {
  const all = Array.isArray(dependencies) ? dependencies : [dependencies];
  return all.flatMap((each) => urns.get(each as Pulumi.Resource) ?? []);
}

function keyOfUrn(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1)}::${name}`;
}

const secretSignature = "4dabf18193072939515e22adb298388d";

function secretInputsIn(inputs: Readonly<Record<string, unknown>>): Pick<GraphResource, "secretInputs"> {
  const secretInputs = Object.keys(inputs).filter((input) => {
    const value = inputs[input];
    return typeof value === "object" && value !== null && secretSignature in value;
  });
  return secretInputs.length === 0 ? {} : { secretInputs };
}

/** Inputs with secrets unwrapped; archives and assets stay as they are. */
function plain(pulumi: typeof Pulumi, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((each) => plain(pulumi, each));
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.asset.Archive.isInstance(value) || pulumi.asset.Asset.isInstance(value)) return value;
  if (secretSignature in value) return plain(pulumi, (value as { value?: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(pulumi, inner)]));
}
