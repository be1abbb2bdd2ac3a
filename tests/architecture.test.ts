import { readdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import {
  cyclesIn,
  groupedBy,
  importGraph,
  packageImports,
  repositoryFiles,
  root,
} from "./support/imports.js";

/**
 * What each part of the repository may import, besides itself. The product's own order is runtime, providers, settings,
 * components, index.ts.
 */
const mayImport: Readonly<Record<string, readonly string[]>> = {
  runtime: [],
  providers: ["runtime"],
  settings: ["runtime", "providers"],
  components: ["runtime", "providers", "settings"],
  "config.ts": ["settings"],
  "index.ts": ["settings", "components", "config.ts"],
  plugin: ["settings", "components"],
  packages: [],
  samples: ["runtime", "providers"],
  policies: [],
  "command-line": [],
  local: ["runtime", "providers", "settings", "packages", "samples", "policies", "command-line", "index.ts"],
  "pulumi-engine": ["command-line", "local"],
  ops: ["runtime", "providers", "settings", "samples", "local", "command-line", "pulumi-engine"],
  inspector: ["runtime", "providers", "settings", "samples", "local", "command-line", "ops"],
  cost: ["command-line", "local"],
  deploy: ["runtime", "command-line", "pulumi-engine", "ops", "cost", "local"],
  bench: ["runtime", "providers", "settings", "components", "packages", "local", "command-line"],
  documentation: ["providers", "settings", "components", "local", "ops", "deploy"],
};

/** Files that put the commands of other parts beside their own, and may import these for it. */
const mayAlsoImport: Readonly<Record<string, readonly string[]>> = {
  "ops/command.ts": ["inspector"],
  "local/commands.ts": ["inspector"],
};

/** What the author of a handler imports, at the top of runtime/. */
const forAuthors = ["define-handler.ts", "webhook.ts", "testing.ts"];

const notProduct = ["tests", "vitest.config.ts", "vitest.browser.config.ts", "vitest.engine.config.ts"];
const files = repositoryFiles();
const product = files.filter(
  (file) => /\.[cm]?tsx?$/.test(file) && !file.endsWith(".d.ts") && !notProduct.includes(partOf(file)),
);
const imports = importGraph(product);
const runtime = importGraph(product.filter((file) => partOf(file) === "runtime"));
const pairs = [...imports].flatMap(([file, imported]) => [...imported].map((other) => ({ file, other })));

/** A file's folder at the root, or the file itself if it stands there. */
function partOf(file: string): string {
  return file.split("/")[0] ?? file;
}

/** The room of a file of runtime/; what stands at the top is in none. */
function roomOf(file: string): string | undefined {
  const [, room, ...rest] = file.split("/");
  return rest.length === 0 ? undefined : room;
}

function asText({ file, other }: { file: string; other: string }): string {
  return `${file} imports ${other}`;
}

describe("the product's files", () => {
  it("import files that exist", () => {
    expect(product).toContain("runtime/handler.ts");
    expect(pairs.filter(({ other }) => !files.includes(other)).map(asText)).toEqual([]);
  });

  it("import each other in no cycle", () => {
    expect(cyclesIn(imports)).toEqual([]);
  });

  it("import only what their part of the repository may", () => {
    const upward = pairs.filter(({ file, other }) => {
      const [part, otherPart] = [partOf(file), partOf(other)];
      const allowed = [...(mayImport[part] ?? []), ...(mayAlsoImport[file] ?? [])];
      return part !== otherPart && !allowed.includes(otherPart);
    });
    expect(upward.map(asText)).toEqual([]);
  });

  it("import nothing of Pulumi's from what runs in Lambda", () => {
    const found = [...runtime.keys()].filter((file) =>
      packageImports(file).some((name) => name.startsWith("@pulumi/")),
    );
    expect(found).toEqual([]);
  });
});

describe("the inspector's page", () => {
  const ofPage = pairs.filter(({ file }) => file.startsWith("inspector/page/"));

  it("knows of the server only what they say to each other", () => {
    expect(ofPage.length).toBeGreaterThan(20);
    const others = ofPage.filter(
      ({ other }) =>
        !other.startsWith("inspector/page/") &&
        !other.startsWith("command-line/") &&
        other !== "inspector/contract.ts",
    );
    expect(others.map(asText)).toEqual([]);
  });

  it("is made of Preact alone", () => {
    const packages = new Set(
      product.filter((file) => file.startsWith("inspector/page/")).flatMap(packageImports),
    );
    expect([...packages].sort()).toEqual(["@preact/signals", "preact", "preact/hooks"]);
  });
});

describe("the rooms of runtime/", () => {
  const inRooms = [...runtime].filter(([file]) => roomOf(file) !== undefined);

  it("import nothing from the top, a handler only what is there for its author", () => {
    const upward = inRooms.flatMap(([file, imported]) =>
      [...imported]
        .filter((other) => roomOf(other) === undefined)
        .filter(
          (other) => roomOf(file) !== "handlers" || !forAuthors.some((name) => other.endsWith(`/${name}`)),
        )
        .map((other) => asText({ file, other })),
    );
    expect(upward).toEqual([]);
  });

  it("import each other in no cycle", () => {
    const rooms = groupedBy(new Map(inRooms), (file) => roomOf(file) ?? "the top");
    expect([...rooms.keys()]).toContain("envelope");
    expect(cyclesIn(rooms)).toEqual([]);
  });

  it("are the rooms of their tests", () => {
    const foldersIn = (folder: string) =>
      readdirSync(join(root, folder), { withFileTypes: true })
        .filter((entry) => entry.isDirectory())
        .map(({ name }) => name)
        .sort();
    expect(foldersIn("tests/runtime")).toEqual(foldersIn("runtime"));
  });
});

describe("a folder", () => {
  it("has at most twenty files of its own, unless it is a list of equals", () => {
    const counts = Object.entries(Object.groupBy(files, dirname))
      .filter(([folder]) => !["providers", "local", "tests"].includes(partOf(folder)))
      .map(([folder, own = []]) => ({ folder, files: own.length }));
    expect(counts.length).toBeGreaterThan(20);
    expect(counts.filter((count) => count.files > 20)).toEqual([]);
  });
});

describe("cyclesIn", () => {
  const graph = (edges: Readonly<Record<string, readonly string[]>>) =>
    new Map(Object.entries(edges).map(([node, others]) => [node, new Set(others)]));

  it("finds a cycle however far into the graph it lies", () => {
    expect(cyclesIn(graph({ a: ["b", "d"], b: ["c"], c: [], d: ["e"], e: ["f"], f: ["d"] }))).toEqual([
      "d -> e -> f -> d",
    ]);
  });

  it("finds each of several cycles", () => {
    expect(cyclesIn(graph({ a: ["b"], b: ["a", "c"], c: ["d"], d: ["c"] }))).toEqual([
      "a -> b -> a",
      "c -> d -> c",
    ]);
  });

  it("takes two ways to the same file for none", () => {
    expect(cyclesIn(graph({ a: ["b", "c"], b: ["d"], c: ["d"], d: [] }))).toEqual([]);
  });
});
