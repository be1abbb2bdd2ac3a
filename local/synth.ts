import { archiveFiles, type Graph, isArchive } from "local-aws";
import { sha256 } from "../runtime/envelope/sha256.js";

/** Every resource of a stage with its inputs, as data that can be read, compared and checked. */
export async function synthesize(graph: Graph): Promise<object> {
  const resources = await Promise.all(
    graph.resources.map(async ({ urn, type, name, parent, custom, protect, aliases, inputs }) => ({
      urn,
      type,
      name,
      ...(parent === undefined ? {} : { parent }),
      custom,
      ...(protect ? { protect } : {}),
      ...(aliases.length > 0 ? { aliases } : {}),
      inputs: await withoutCode(inputs),
    })),
  );
  return { project: graph.project, stack: graph.stack, resources, outputs: graph.outputs };
}

/** Archives become their sha256 and that of each file. Data in them stays readable. */
async function withoutCode(value: unknown): Promise<unknown> {
  if (Array.isArray(value)) return Promise.all(value.map(withoutCode));
  if (typeof value !== "object" || value === null) return value;
  if (isArchive(value)) return describeArchive(await archiveFiles(value));
  const entries = await Promise.all(
    Object.entries(value).map(async ([key, inner]) => [key, await withoutCode(inner)] as const),
  );
  return Object.fromEntries(entries);
}

function describeArchive(files: ReadonlyMap<string, Buffer>): object {
  const described = [...files]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([name, content]) => ({
      name,
      bytes: content.length,
      sha256: sha256(content),
      ...(name.endsWith(".json") ? { json: JSON.parse(content.toString()) as unknown } : {}),
    }));
  return { sha256: sha256(JSON.stringify(described)), files: described };
}
