import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { preProcessFile } from "typescript";

/** The repository's root. */
export const root = fileURLToPath(new URL("../..", import.meta.url));

/** What each file or folder imports, by paths from the root. */
export type ImportGraph = ReadonlyMap<string, ReadonlySet<string>>;

/** Every file of the repository, by its path from the root; nothing hidden, nothing installed. */
export function repositoryFiles(folder = ""): string[] {
  return readdirSync(join(root, folder), { withFileTypes: true })
    .filter(({ name }) => !name.startsWith(".") && name !== "node_modules")
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? repositoryFiles(path) : [path];
    });
}

/** What files import of each other. Imports of types count: whoever reads the one file must know the other. */
export function importGraph(files: readonly string[]): ImportGraph {
  return new Map(files.map((file) => [file, new Set(relativeImports(file))]));
}

/** What a file imports of other packages, by the names it writes. */
export function packageImports(file: string): string[] {
  return specifiers(file).filter((specifier) => !specifier.startsWith("."));
}

/** The graph of the groups that files belong to, such as their folders. */
export function groupedBy(graph: ImportGraph, groupOf: (file: string) => string): ImportGraph {
  const groups = new Map<string, Set<string>>();
  for (const [file, imported] of graph) {
    const group = groupOf(file);
    const others = groups.get(group) ?? new Set();
    groups.set(group, others);
    for (const other of imported) if (groupOf(other) !== group) others.add(groupOf(other));
  }
  return groups;
}

/** One cycle for each place where imports lead back to where they started, as `a -> b -> a`. */
export function cyclesIn(graph: ImportGraph): string[] {
  const cycles: string[] = [];
  const done = new Set<string>();
  const visit = (node: string, path: readonly string[]) => {
    const start = path.indexOf(node);
    if (start !== -1) cycles.push([...path.slice(start), node].join(" -> "));
    if (start !== -1 || done.has(node)) return;
    for (const next of graph.get(node) ?? []) visit(next, [...path, node]);
    done.add(node);
  };
  for (const node of graph.keys()) visit(node, []);
  return cycles;
}

function relativeImports(file: string): string[] {
  return specifiers(file)
    .filter((specifier) => specifier.startsWith("."))
    .map((specifier) => sourceOf(normalize(join(dirname(file), specifier))));
}

/** The file that an import means: what it names, or the TypeScript that becomes it. */
function sourceOf(path: string): string {
  const source = path.replace(/\.(m?)js$/, ".$1ts");
  return existsSync(join(root, source)) ? source : path.replace(/\.js$/, ".tsx");
}

function specifiers(file: string): string[] {
  const { importedFiles } = preProcessFile(readFileSync(join(root, file), "utf8"), true, true);
  return importedFiles.map(({ fileName }) => fileName);
}
