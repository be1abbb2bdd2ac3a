/** One resource as the program registered it. */
export interface GraphResource {
  readonly urn: string;
  /** Type token, such as `aws:sqs/queue:Queue`. */
  readonly type: string;
  /** Logical name. */
  readonly name: string;
  /** URN of the parent; absent for what hangs on the stack itself. */
  readonly parent?: string;
  /** False for components. */
  readonly custom: boolean;
  readonly protect: boolean;
  /** URNs that the resource may have had in earlier versions of the program. */
  readonly aliases: readonly string[];
  /** What the program sent to the engine. Secrets are plain here; archives are Pulumi's own archive objects. */
  readonly inputs: Readonly<Record<string, unknown>>;
  readonly id: string;
  /** Inputs and what the cloud would have added to them. */
  readonly state: Readonly<Record<string, unknown>>;
}

/** Everything a stack's program registers. */
export interface Graph {
  readonly project: string;
  readonly stack: string;
  readonly region: string;
  readonly account: string;
  readonly resources: readonly GraphResource[];
  /** The stack's outputs. */
  readonly outputs: Readonly<Record<string, unknown>>;
}

/** The resources of one type, in the order they were registered. */
export function resourcesOfType(graph: Graph, type: string): GraphResource[] {
  return graph.resources.filter((resource) => resource.type === type);
}

/** A resource in a message: `Queue orders`. */
export function describe({ type, name }: Pick<GraphResource, "type" | "name">): string {
  return `${type.split(":").at(-1)} ${name}`;
}

/** Starts Pulumi's mocked engine and keeps what is registered with it. */
export async function recordResources({
  project,
  stack,
  place,
}: {
  project: string;
  stack: string;
  place: CloudPlace;
}): Promise<Recorder> {
  const resources: GraphResource[] = [];
  const options = new Map<string, Pick<GraphResource, "parent" | "protect" | "aliases">>();
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
            custom: args.custom ?? true,
            inputs: plain(args.inputs) as Record<string, unknown>,
            id,
            state: plain(state) as Record<string, unknown>,
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

  return {
    resources,
    async run(program) {
      let outputs: Record<string, unknown> = {};
      let failure: { readonly error: unknown } | undefined;
      const restoreStackTraces = withoutStackTraces();
      try {
        await pulumi.runtime.runInPulumiStack(async () => {
          // Mocks are not told of resource options; a stack transformation sees them, in this process and in every resource.
          const urns = new Map<pulumi.Resource, string>();
          pulumi.runtime.registerStackTransformation(({ resource, type, name, opts }) => {
            const parent = opts.parent === undefined ? undefined : urns.get(opts.parent);
            const self = { project, stack, type, name, parent };
            urns.set(resource, urnOf(self));
            const { protect: inherited = false, aliases = [] } = options.get(keyOfUrn(parent ?? "")) ?? {};
            const aliasedParent = { name: parent?.split("::").at(-1) ?? "", aliases };
            options.set(key(type, name), {
              ...(parent === undefined ? {} : { parent }),
              protect: opts.protect ?? inherited,
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
      }
      if (failure !== undefined) throw failure.error;
      if (unanswered.length > 0) {
        throw new Error(
          `packages/local-aws/program/cloud-values.ts has no answer for ${[...new Set(unanswered)].join(", ")}`,
        );
      }
      return (await settledValue(pulumi.output(outputs))) as Record<string, unknown>;
    },
  };
}

/**
 * Pulumi takes a stack trace for each resource, to tell the engine where in the program it is made. Nobody asks for that here,
 * and mapping it to TypeScript takes longer than all else. An error's trace is put together when it is first read, so those
 * of the program are whole once this is undone.
 */
function withoutStackTraces(): () => void {
  const { prepareStackTrace } = Error;
  Error.prepareStackTrace = (error) => String(error);
  return () => {
    Object.assign(Error, { prepareStackTrace });
  };
}

/** Waits for an output. For tools and tests only; the program composes outputs instead. */
export function settledValue<T>(output: pulumi.Output<T>): Promise<T> {
  return new Promise((resolve) => output.apply(resolve));
}

let runs = 0;

function importProgram(): Promise<Record<string, unknown>> {
  // A query makes Node evaluate index.ts again: one process may read several graphs.
  const program = new URL(`../../../index.ts?run=${++runs}`, import.meta.url);
  return import(/* @vite-ignore */ program.href);
}

function asConfig(overrides: Readonly<Record<string, unknown>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(overrides).map(([name, value]) => [
      name,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
}

function keyOfUrn(urn: string): string {
  const [, , types = "", name = ""] = urn.split("::");
  return `${types.split("$").at(-1)}::${name}`;
}

const secretSignature = "4dabf18193072939515e22adb298388d";

/** Inputs with secrets unwrapped; archives and assets stay as they are. */
function plain(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  if (pulumi.asset.Archive.isInstance(value) || pulumi.asset.Asset.isInstance(value)) return value;
  if (secretSignature in value) return plain((value as { value?: unknown }).value);
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
}
