import { readFile } from "node:fs/promises";
import * as pulumi from "@pulumi/pulumi";

/** True for what Pulumi passes as a Lambda's code. */
export function isArchive(value: unknown): value is pulumi.asset.Archive {
  return pulumi.asset.Archive.isInstance(value);
}

/**
 * The files in an archive of assets, by their names.
 *
 * @throws Error for an archive that is no map of texts and files, because only that kind is ever built here
 */
export async function archiveFiles(archive: pulumi.asset.Archive): Promise<Map<string, Buffer>> {
  if (!(archive instanceof pulumi.asset.AssetArchive)) throw new Error("only an AssetArchive can be read");
  const files = new Map<string, Buffer>();
  for (const [name, asset] of Object.entries(await archive.assets)) {
    if (asset instanceof pulumi.asset.StringAsset) files.set(name, Buffer.from(await asset.text));
    else if (asset instanceof pulumi.asset.FileAsset) files.set(name, await readFile(await asset.path));
    else throw new Error(`${name}: only texts and files can be read from an archive`);
  }
  return files;
}
