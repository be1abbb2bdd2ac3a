import { spawn } from "node:child_process";
import { delimiter, join } from "node:path";

/** What a person sees of `npm run deploy -- …`. */
export interface Deployed {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A run of the deployer's command that may be interrupted. */
export interface RunningDeploy {
  readonly ended: Promise<Deployed>;
  /** Waits until the command has told something. */
  untilTold(text: RegExp): Promise<void>;
  /** Sends a signal to the command, as a CI does, without its engine. */
  signal(name: NodeJS.Signals): void;
  /** Kills the command with all that it has started. */
  killAll(): void;
}

/** Starts the deployer's command in a copy of the repository, as npm does. */
export function startDeploy(
  folder: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningDeploy {
  const { PULUMI_HOME = "", PATH = "" } = process.env;
  const child = spawn(process.execPath, ["--import", "tsx", "deploy/cli.ts", ...args], {
    cwd: folder,
    // A session of its own: it has no terminal, and can be killed as a whole.
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, PATH: [join(PULUMI_HOME, "bin"), PATH].join(delimiter), ...env },
  });
  let [stdout, stderr] = ["", ""];
  child.stdout.on("data", (data) => {
    stdout += data;
  });
  child.stderr.on("data", (data) => {
    stderr += data;
  });
  const ended = new Promise<Deployed>((resolve) => {
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
  return {
    ended,
    untilTold: (text) =>
      new Promise((resolve, reject) => {
        const look = () => {
          if (text.test(stderr)) resolve();
        };
        child.stderr.on("data", look);
        child.on("close", () => reject(new Error(`ended without a word of ${text}:\n${stdout}\n${stderr}`)));
        look();
      }),
    signal: (name) => child.kill(name),
    killAll: () => {
      if (child.pid !== undefined) process.kill(-child.pid, "SIGKILL");
    },
  };
}
