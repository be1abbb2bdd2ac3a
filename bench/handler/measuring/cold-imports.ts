import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

/** A module that a new Node process imports. */
export interface ColdModule {
  readonly entry: string;
  readonly variables: Readonly<Record<string, string>>;
}

const run = promisify(execFile);
const timer = fileURLToPath(new URL("./import-timer.ts", import.meta.url));

/**
 * Imports each module in new processes, one at a time and alternating, so that a slow phase of the machine affects all
 * of them.
 *
 * @returns milliseconds of each import, by module
 */
export async function timeColdImports(
  modules: readonly ColdModule[],
  times: number,
): Promise<readonly (readonly number[])[]> {
  const milliseconds = modules.map((): number[] => []);
  // The first round only loads the files into the machine's cache.
  for (let round = -1; round < times; round++) {
    for (const [index, module] of modules.entries()) {
      const taken = await timeColdImport(module);
      if (round >= 0) milliseconds[index]?.push(taken);
    }
  }
  return milliseconds;
}

async function timeColdImport({ entry, variables }: ColdModule): Promise<number> {
  const { stdout } = await run(process.execPath, [timer, entry], { env: { ...variables } });
  // Anything that a module writes while it is loaded comes before the figure.
  const taken = Number(stdout.split("\n").at(-1));
  if (Number.isFinite(taken)) return taken;
  throw new Error(`the import of a bundle was not timed: ${stdout}`);
}
