import { readFile } from "node:fs/promises";
// Not the whole of Pulumi, which takes more than a second to import.
import { Archive, AssetArchive, FileAsset, StringAsset } from "@pulumi/pulumi/asset/index.js";

/** True for what Pulumi passes as a Lambda's code. */
export function isArchive(value: unknown): value is Archive {
  return Archive.isInstance(value);
}

/**
 * The files in an archive of assets, by their names.
 *
 * @throws Error for an archive that is not a map of texts and files, because no other kind is built here
 */
export async function archiveFiles(archive: Archive): Promise<Map<string, Buffer>> {
  if (!(archive instanceof AssetArchive)) throw new Error("only an AssetArchive can be read");
  const files = new Map<string, Buffer>();
  for (const [name, asset] of Object.entries(await archive.assets)) {
    if (asset instanceof StringAsset) files.set(name, Buffer.from(await asset.text));
    else if (asset instanceof FileAsset) files.set(name, await readFile(await asset.path));
    else throw new Error(`${name}: only texts and files can be read from an archive`);
  }
  return files;
}
