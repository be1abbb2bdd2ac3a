import { execFile } from "node:child_process";
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { parse, stringify } from "yaml";
import { repositoryFiles, root } from "../imports.js";

/** Why there is no engine to test with here; undefined if there is one. */
export const noEngine: string | undefined =
  process.env.AWS_ENDPOINT_URL === undefined || process.env.PULUMI_BACKEND_URL === undefined
    ? "tests of Pulumi's own engine need `pulumi` logged in to a backend (PULUMI_BACKEND_URL) and an emulated AWS (AWS_ENDPOINT_URL)"
    : undefined;

if (noEngine !== undefined) console.warn(`skipped: ${noEngine}`);

/** What the engine does to a resource. */
export type Op = "same" | "create" | "update" | "replace" | "delete" | (string & {});

/** A resource that is planned to change, or has. */
export interface Step {
  readonly op: Op;
  /** Its type without package and module, such as `Queue`, and its logical name. */
  readonly resource: string;
}

/** A resource in a stack's state. */
export interface StackResource {
  readonly urn: string;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

/** One preview or update. */
export interface Run {
  /** What is not the same, in the order in which it began. */
  readonly steps: readonly Step[];
  /** Whether a resource was done with before another was begun. */
  endedBeforeBegin(first: string, second: string): boolean;
  /** What the engine or the program says is wrong; none if it went through. */
  readonly problems: readonly string[];
}

/** A copy of the repository, so that the engine writes into no file of it. */
export function copyOfRepository(): string {
  const copy = mkdtempSync(join(tmpdir(), "webhook-pipeline-engine-"));
  for (const file of repositoryFiles()) {
    mkdirSync(join(copy, dirname(file)), { recursive: true });
    copyFileSync(join(root, file), join(copy, file));
  }
  symlinkSync(join(root, "node_modules"), join(copy, "node_modules"));
  return copy;
}

export interface RunOptions {
  /** Whether the engine looks at AWS first. Default: false */
  readonly refresh?: boolean;
}

function argumentsOf({ refresh = false }: RunOptions): string[] {
  return refresh ? ["--refresh"] : [];
}

/** A stack of the program in a copy of the repository. */
export class EngineStack {
  private runs = 0;

  constructor(
    private readonly folder: string,
    readonly name: string,
    private readonly region = "eu-west-1",
    /** What the engine finds in its environment, besides what the tests find in theirs. */
    private readonly env: Readonly<Record<string, string>> = {},
  ) {}

  async init(): Promise<void> {
    const { code, output } = await this.pulumi(["stack", "init", this.name]);
    if (code !== 0) throw new Error(output);
  }

  /** What an update would do. */
  preview(settings: Settings, options: RunOptions = {}): Promise<Run> {
    return this.run(["preview", ...argumentsOf(options)], settings);
  }

  /** Updates the stack. Like `pulumi up`, it does nothing if the preview fails. */
  up(settings: Settings, options: RunOptions = {}): Promise<Run> {
    return this.run(["up", "--yes", ...argumentsOf(options)], settings);
  }

  /** Deletes all resources. Like `pulumi destroy`, it does nothing if the preview fails. */
  destroy(settings: Settings): Promise<Run> {
    return this.run(["destroy", "--yes"], settings);
  }

  /** What differs in AWS from what the stack made there, by the resources' names. */
  async drift(settings: Settings): Promise<readonly string[]> {
    const { events, problems } = await this.events(["refresh", "--preview-only"], settings);
    if (problems.length > 0) throw new Error(problems.join("\n"));
    return events.flatMap(({ resOutputsEvent }) =>
      stepOf(resOutputsEvent)
        .filter(({ op }) => op !== "refresh")
        .map(({ resource }) => resource),
    );
  }

  /** What the stack still has. */
  async resources(): Promise<readonly StackResource[]> {
    const { code, output, stdout } = await execute(
      "pulumi",
      ["stack", "export", "--stack", this.name],
      this.folder,
      this.env,
    );
    if (code !== 0) throw new Error(output);
    const { deployment } = JSON.parse(stdout) as { deployment: { resources?: readonly StackResource[] } };
    return deployment.resources ?? [];
  }

  async pulumi(args: readonly string[]): Promise<{ readonly code: number; readonly output: string }> {
    const { code, output } = await execute("pulumi", args, this.folder, this.env);
    return { code, output };
  }

  private async run(command: readonly string[], settings: Settings): Promise<Run> {
    const { events, problems } = await this.events(command, settings);
    const at = (kind: "resourcePreEvent" | "resOutputsEvent", resource: string) =>
      events.findIndex((event) => stepOf(event[kind]).some((step) => step.resource === resource));
    return {
      steps: events.flatMap(({ resourcePreEvent }) =>
        stepOf(resourcePreEvent).filter(({ op }) => op !== "refresh"),
      ),
      endedBeforeBegin(first, second) {
        const [ended, begun] = [at("resOutputsEvent", first), at("resourcePreEvent", second)];
        if (ended < 0 || begun < 0) throw new Error(`the run has no change of both ${first} and ${second}`);
        return ended < begun;
      },
      problems,
    };
  }

  private async events(
    command: readonly string[],
    settings: Settings,
  ): Promise<{ readonly events: readonly EngineEvent[]; readonly problems: readonly string[] }> {
    const stageFile = join(this.folder, `Pulumi.${this.name}.yaml`);
    const salt = /^encryptionsalt: .*$/m.exec(readFileSync(stageFile, "utf8"))?.[0] ?? "";
    writeFileSync(
      stageFile,
      `${salt}\n${stringify({ config: { "aws:region": this.region, ...withKeys(settings) } })}`,
    );
    const log = join(this.folder, `${this.name}-${++this.runs}.events`);
    const { code, output } = await execute(
      "pulumi",
      [...command, "--stack", this.name, "--non-interactive", "--event-log", log],
      this.folder,
      this.env,
    );
    // An update writes over the log of its preview.
    const events = readEvents(log);
    const problems = events.flatMap(({ diagnosticEvent }) =>
      diagnosticEvent?.severity === "error" ? [diagnosticEvent.message.trim()] : [],
    );
    if (code !== 0 && problems.length === 0) problems.push(output.trim());
    return { events, problems: code === 0 ? [] : problems };
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** Settings by their names in a stage's file, without the project's. */
export type Settings = Readonly<Record<string, unknown>>;

/** The settings in a stage's file. */
export function settingsIn(stageFile: string): Settings {
  const { config } = parse(readFileSync(join(root, stageFile), "utf8")) as {
    config: Record<string, unknown>;
  };
  const prefix = "webhook-pipeline:";
  return Object.fromEntries(
    Object.entries(config)
      .filter(([name]) => name.startsWith(prefix))
      .map(([name, value]) => [name.slice(prefix.length), value]),
  );
}

interface EngineEvent {
  readonly resourcePreEvent?: { readonly metadata: { readonly op: string; readonly urn: string } };
  readonly resOutputsEvent?: { readonly metadata: { readonly op: string; readonly urn: string } };
  readonly diagnosticEvent?: { readonly severity: string; readonly message: string };
  readonly summaryEvent?: object;
}

function readEvents(file: string): EngineEvent[] {
  return readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as EngineEvent);
}

function stepOf(event: EngineEvent["resourcePreEvent"]): Step[] {
  if (event === undefined || event.metadata.op === "same" || event.metadata.op === "read") return [];
  const { op, urn } = event.metadata;
  const [, , types = "", name = ""] = urn.split("::");
  return [{ op, resource: `${types.split(/[:$]/).at(-1)} ${name}` }];
}

function withKeys(settings: Settings): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(settings).map(([name, value]) => [`webhook-pipeline:${name}`, value]),
  );
}

function execute(
  command: string,
  args: readonly string[],
  cwd: string,
  further: Readonly<Record<string, string>>,
): Promise<{ readonly code: number; readonly output: string; readonly stdout: string }> {
  // The project's own `pulumi` on npm's PATH is a wrapper that downloads the command line.
  const { PULUMI_HOME, PATH = "" } = process.env;
  const path = PULUMI_HOME === undefined ? PATH : [join(PULUMI_HOME, "bin"), PATH].join(delimiter);
  const env = { ...process.env, PATH: path, PULUMI_DEBUG_COMMANDS: "true", ...further };
  return new Promise((resolve) => {
    execFile(command, args, { cwd, env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      resolve({
        code: error === null ? 0 : Number(error.code ?? 1),
        output: `${stdout}\n${stderr}`,
        stdout,
      });
    });
  });
}
