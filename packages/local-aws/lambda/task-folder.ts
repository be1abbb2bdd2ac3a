import { rmSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";

/** Folders that this process made and has not removed yet. */
const made = new Set<string>();

/**
 * Writes files into a new temporary folder. It is removed with the process at the latest, whichever way that ends short of
 * a SIGKILL or a signal that nobody handles.
 *
 * @param files by their names, which must not lead out of the folder
 */
export async function makeTaskFolder(files: ReadonlyMap<string, Buffer>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "local-aws-"));
  if (made.size === 0) process.on("exit", removeAll);
  made.add(folder);
  try {
    for (const [name, content] of files) {
      const file = join(folder, name);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, content);
    }
    return folder;
  } catch (error) {
    await removeTaskFolder(folder);
    throw error;
  }
}

export async function removeTaskFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  made.delete(folder);
  if (made.size === 0) process.off("exit", removeAll);
}

function removeAll(): void {
  for (const folder of made) rmSync(folder, { recursive: true, force: true });
}
