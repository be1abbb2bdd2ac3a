import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import * as esbuild from "esbuild";
import { sha256 } from "../../runtime/envelope/sha256.js";
import { definitionFile, validatorFile } from "../../runtime/stage/archive.js";
import {
  awsTargetsOf,
  handlersOf,
  type ProcessorDefinition,
  routedHandlersOf,
  type SourceDefinition,
} from "../../runtime/stage/definition.js";
import type { TargetKind } from "../../runtime/stage/targets.js";
import { validatorCode } from "../../settings/json-schema.js";
import { stableJson } from "./stable-json.js";

/** This package's root, where `runtime/` is; the program that uses it may be another's. */
const packageFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The code that a stage's functions share. */
export interface StageBundle {
  /** The shared files, by their names. The same sources give the same ones on every machine. */
  readonly files: ReadonlyMap<string, string>;
  /** One function's archive: the shared files, with its definition and its sources' validators beside them. */
  archiveOf(definition: ProcessorDefinition): pulumi.asset.AssetArchive;
}

/**
 * Bundles `runtime/` and the handlers of all sources, once for all of a stage's functions. What tells the functions apart is
 * data, so that a change of settings is no change of code.
 *
 * @param definitions of all functions
 * @param handlersFolder from the program's folder, which is the working directory; a source `x` is handled by its `x.ts`, if
 *   there is one and unless its routes say otherwise. Default: `runtime/handlers`, if there is such a folder
 * @throws pulumi.RunError naming the file and what is wrong with it
 */
export function bundleStage(
  definitions: readonly ProcessorDefinition[],
  handlersFolder: string | undefined,
): StageBundle {
  const stage = wholeStage(definitions);
  if (handlersFolder !== undefined && !existsSync(resolve(handlersFolder))) {
    throw new pulumi.RunError(
      `processor.handlersFolder: there is no folder ${handlersFolder} in the program's folder`,
    );
  }

  const handlers = findHandlers(stage, handlersFolder ?? "runtime/handlers");
  const schemas = [...stage.sources, ...stage.subscribers].flatMap(({ name, schema }) =>
    schema === undefined ? [] : [[name, schema] as const],
  );
  const overflow = definitions.some((definition) => Boolean(definition.overflow));
  const targets = awsTargetsOf(stage).map(({ target }) => target.kind);
  const news = definitions.some(({ events }) => events !== undefined);
  const { files, exportsOf } = buildOnce(
    entry(handlers, { withSchemas: schemas.length > 0, overflow, news, targets }),
  );
  for (const { path, file } of handlers) {
    if (!exportsOf(path).includes("default")) {
      throw new pulumi.RunError(
        `${file}: has no default export; a handler file ends in \`export default defineHandler(...)\``,
      );
    }
  }

  const assets = new Map([...files].map(([name, text]) => [name, new pulumi.asset.StringAsset(text)]));
  const validators = new Map(
    schemas.map(([name, schema]) => [name, new pulumi.asset.StringAsset(validatorCode(schema))]),
  );
  return {
    files,
    archiveOf: (definition) =>
      new pulumi.asset.AssetArchive({
        ...Object.fromEntries(assets),
        [definitionFile]: new pulumi.asset.StringAsset(readableJson(definition)),
        ...Object.fromEntries(
          [...definition.sources, ...(definition.subscribers ?? [])].flatMap(({ name }) => {
            const validator = validators.get(name);
            return validator === undefined ? [] : [[validatorFile(name), validator]];
          }),
        ),
      }),
  };
}

interface HandlerFile {
  readonly name: string;
  /** As the stage's settings lead to it. */
  readonly file: string;
  /** Whole, and without symbolic links, as esbuild names it. */
  readonly path: string;
}

/** All sources and subscribers of a stage. */
type WholeStage = Required<Pick<ProcessorDefinition, "sources" | "subscribers">>;

function wholeStage(definitions: readonly ProcessorDefinition[]): WholeStage {
  const sources = definitions.flatMap((definition) => definition.sources);
  const subscribers = definitions.flatMap((definition) => definition.subscribers ?? []);
  const byName = <Each extends { readonly name: string }>(all: readonly Each[]) => [
    ...new Map(all.map((each) => [each.name, each])).values(),
  ];
  return { sources: byName(sources), subscribers: byName(subscribers) };
}

/** The existing handler files with the sources' names, and the files that sources route to and subscribers name. */
function findHandlers(stage: WholeStage, folder: string): HandlerFile[] {
  const { sources, subscribers } = stage;
  const fileOf = (name: string) => {
    const file = join(folder, `${name}.ts`);
    const path = resolve(file);
    return { name, file, path: existsSync(path) ? realpathSync(path) : path };
  };
  const exists = ({ path }: HandlerFile) => existsSync(path);
  const missing = sources
    .flatMap((source) => routedHandlersOf(source).map((name) => ({ source, ...fileOf(name) })))
    .find((handler) => !exists(handler));
  if (missing !== undefined) {
    throw new pulumi.RunError(`${missing.file}: is missing; the source ${missing.source.name} routes to it`);
  }
  for (const { name, target } of subscribers) {
    if (!("handler" in target) || exists(fileOf(target.handler))) continue;
    throw new pulumi.RunError(
      `${fileOf(target.handler).file}: is missing; it is the target of the subscriber ${name}`,
    );
  }
  const names = handlersOf(stage);
  for (const { name } of sources.filter(({ subscribers }) => subscribers !== undefined)) {
    if (names.includes(name) || !exists(fileOf(name))) continue;
    throw new pulumi.RunError(
      `${fileOf(name).file}: would never run, because the source ${name} has subscribers: make it the target of one, or delete it`,
    );
  }
  for (const source of sources.filter(leavesForwardToHandler)) {
    if (!exists(fileOf(source.name))) continue;
    throw new pulumi.RunError(
      `${fileOf(source.name).file}: takes all webhooks of the source ${source.name}, so that its forward would never run: ` +
        "delete one of the two, or name forward in the source's routes",
    );
  }
  return names.map(fileOf).filter(exists);
}

/** A source with a forward that runs only where there is no handler file with the source's name. */
function leavesForwardToHandler({ forward, routes }: SourceDefinition): boolean {
  if (forward === undefined || routes?.otherwise !== undefined) return false;
  return routes === undefined || routes.byEventType.every(({ to }) => to !== "forward");
}

function entry(
  handlers: readonly HandlerFile[],
  {
    withSchemas,
    overflow,
    news,
    targets,
  }: {
    readonly withSchemas: boolean;
    readonly overflow: boolean;
    readonly news: boolean;
    readonly targets: readonly TargetKind[];
  },
): string {
  const modules = Object.entries(targetModules).filter(([kind]) => targets.includes(kind as TargetKind));
  return [
    'import { openFunction } from "./runtime/entry.js";',
    ...(overflow ? ['import { s3Overflow } from "./runtime/payload/s3-overflow.js";'] : []),
    'export const handler = await openFunction(new URL(".", import.meta.url), {',
    "  handlers: {",
    // Imported by who needs them: a function's cold start pays for its own sources' handlers alone.
    ...handlers.map(
      ({ name, path }) =>
        `    ${JSON.stringify(name)}: async () => (await import(${JSON.stringify(path)})).default,`,
    ),
    "  },",
    ...(withSchemas
      ? [
          '  validatorModules: async () => (await import("./runtime/routing/validator-modules.js")).requireForValidators,',
        ]
      : []),
    ...(overflow ? ["  openOverflow: s3Overflow,"] : []),
    ...(news
      ? ['  openNewsBus: async () => (await import("./runtime/news/event-bus.js")).openNewsBus,']
      : []),
    // With a client each, which only the functions load that call it.
    ...(modules.length === 0
      ? []
      : [
          "  targetModules: {",
          ...modules.map(
            ([kind, { file, open }]) =>
              `    ${kind}: async () => (await import("./runtime/targets/${file}.js")).${open},`,
          ),
          "  },",
        ]),
    "});",
  ].join("\n");
}

/** The module of each kind of target, and what opens it. */
const targetModules: Readonly<Record<TargetKind, { readonly file: string; readonly open: string }>> = {
  queue: { file: "queue", open: "openQueue" },
  eventBus: { file: "event-bus", open: "openEventBus" },
  topic: { file: "topic", open: "openTopic" },
  function: { file: "function", open: "openFunction" },
  stateMachine: { file: "state-machine", open: "openStateMachine" },
  stream: { file: "stream", open: "openStream" },
  firehose: { file: "firehose", open: "openFirehose" },
};

/** What esbuild made of an entry file. */
interface Build {
  /** By name, the entry as `index.mjs`. */
  readonly files: ReadonlyMap<string, string>;
  /** Names that a dynamically imported module exports. */
  exportsOf(path: string): readonly string[];
  /** The files it was made of that may change while this process runs, each with its hash then. */
  readonly madeOf: ReadonlyMap<string, string>;
}

/** The file that Lambda loads. */
const entryFile = "index.mjs";

const builds = new Map<string, Build>();

/** Builds an entry, unless this process has done so before and no file it was made of has changed. */
function buildOnce(contents: string): Build {
  const known = builds.get(contents);
  if (known !== undefined && [...known.madeOf].every(([path, hash]) => hashOf(path) === hash)) return known;
  const build = buildEntry(contents);
  builds.set(contents, build);
  return build;
}

function hashOf(path: string): string {
  return existsSync(path) ? sha256(readFileSync(path)) : "";
}

/**
 * Bundles what an entry file imports. Its paths are relative to this package's root. The benchmark uses it too, so that
 * other handlers are bundled with the same options.
 *
 * @throws pulumi.RunError naming the file and what is wrong with it
 */
export function buildEntry(contents: string): Build {
  try {
    const { outputFiles, metafile } = esbuild.buildSync({
      stdin: { contents, resolveDir: packageFolder, sourcefile: "entry.js", loader: "js" },
      // Paths in the output are relative to this folder, so that the bundle does not depend on the machine's paths.
      absWorkingDir: packageFolder,
      bundle: true,
      write: false,
      metafile: true,
      outdir: ".",
      entryNames: "index",
      ...outputForm,
      // The ESM form of the SDK's modules, so that only the parts in use are bundled.
      mainFields: ["module", "main"],
      alias: { "@aws-sdk/credential-provider-node": "./runtime/stage/lambda-credentials.ts" },
    });
    const built = new Map(outputFiles.map(({ path, text }) => [relative(packageFolder, path), text]));
    const exported = new Map(
      Object.values(metafile.outputs).map(({ entryPoint = "", exports }) => [
        resolve(packageFolder, entryPoint),
        exports,
      ]),
    );
    return {
      files: inFewFiles(built, metafile),
      exportsOf: (path) => exported.get(path) ?? [],
      // What is installed does not change under a running program.
      madeOf: new Map(
        Object.keys(metafile.inputs)
          .filter((input) => input !== "entry.js" && !input.includes("node_modules/"))
          .map((input) => resolve(packageFolder, input))
          .map((path) => [path, hashOf(path)]),
      ),
    };
  } catch (error) {
    throw new pulumi.RunError(describe(error as esbuild.BuildFailure));
  }
}

/** The form of what Lambda runs. */
const outputForm = {
  platform: "node",
  target: "node24",
  format: "esm",
  outExtension: { ".js": ".mjs" },
  // Modules that are imported on first use become separate files, which are not read unless they are needed.
  splitting: true,
  minify: true,
  legalComments: "none",
  logLevel: "silent",
} as const;

/**
 * Puts what a cold start loads into two files. esbuild makes a file for each set of modules that the same files import on first
 * use: a dozen of some hundred bytes, and a cold start pays for each. So all files that share something with the entry import
 * all that it loads, which is there when they are loaded.
 */
function inFewFiles(built: ReadonlyMap<string, string>, { outputs }: esbuild.Metafile): Map<string, string> {
  const names = namesByContent(built);
  const files = renamed(built, names);
  const nameOf = (old: string) => names.get(old) ?? old;
  const imports = new Map(
    Object.entries(outputs).map(([old, output]) => [
      nameOf(old),
      output.imports.flatMap(({ kind, path }) => (kind === "import-statement" ? [nameOf(path)] : [])),
    ]),
  );
  const importsOf = (name: string) => (imports.get(name) ?? []).filter((path) => files.has(path));
  const atStart = new Set<string>();
  const follow = (name: string) => {
    for (const path of importsOf(name).filter((each) => !atStart.has(each))) {
      atStart.add(path);
      follow(path);
    }
  };
  follow(entryFile);
  if (atStart.size < 2) return files;

  const folder = realpathSync(mkdtempSync(join(tmpdir(), "webhook-bundle-")));
  try {
    const together = "at-start.mjs";
    const all = [...atStart].sort().map((name) => `import "./${name}";`);
    writeFileSync(join(folder, together), all.join("\n"));
    for (const [name, text] of files) {
      const sharesWithEntry = !atStart.has(name) && importsOf(name).some((path) => atStart.has(path));
      writeFileSync(join(folder, name), sharesWithEntry ? `import "./${together}";\n${text}` : text);
    }
    const entryPoints = Object.entries(outputs).flatMap(([old, { entryPoint }]) =>
      entryPoint === undefined ? [] : [nameOf(old)],
    );
    const { outputFiles } = esbuild.buildSync({
      entryPoints: entryPoints.sort(),
      absWorkingDir: folder,
      bundle: true,
      write: false,
      outdir: ".",
      ...outputForm,
    });
    const merged = new Map(outputFiles.map(({ path, text }) => [relative(folder, path), text]));
    return renamed(merged, namesByContent(merged));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** esbuild's name of a file: a stem, and a hash in capitals. */
const builtName = /\b([\w-]+)-[A-Z0-9]{8}\.mjs\b/g;

/**
 * Names for files by what is in them. esbuild's own names also depend on the folders that a package manager puts packages into.
 *
 * @param files by names of the form `<stem>-<HASH>.mjs`, which their texts mention; any other name stays as it is
 */
function namesByContent(files: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  const stemOf = (text: string) =>
    text.replace(builtName, (all, stem: string) => (files.has(all) ? stem : all));
  const names = new Map(
    [...files].map(([old, text]) => {
      const stem = stemOf(old);
      return [old, stem === old ? old : `${stem}-${sha256(stemOf(text)).slice(0, 8)}.mjs`];
    }),
  );
  return new Set(names.values()).size < files.size ? new Map() : names;
}

/** Files under other names, which their texts mention too, in the order of their names. */
function renamed(
  files: ReadonlyMap<string, string>,
  names: ReadonlyMap<string, string>,
): Map<string, string> {
  const inText = (text: string) => text.replace(builtName, (all) => names.get(all) ?? all);
  return new Map(
    [...files].map(([old, text]) => [names.get(old) ?? old, inText(text)] as const).sort(byName),
  );
}

function byName([a]: readonly [string, string], [b]: readonly [string, string]): number {
  return a < b ? -1 : 1;
}

/** esbuild's problems, one line each, with paths relative to the program's folder. */
function describe({ errors, message }: esbuild.BuildFailure): string {
  if (errors === undefined || errors.length === 0) return message;
  return errors
    .map(({ text, location }) => {
      if (location === null) return text;
      const file = relative(process.cwd(), resolve(packageFolder, location.file));
      return `${file}:${location.line}:${location.column}: ${text}`;
    })
    .join("\n");
}

/** Many lines, in an order that only its content decides: a change of settings is a short and readable difference. */
function readableJson(value: unknown): string {
  return `${JSON.stringify(JSON.parse(stableJson(value)), null, 2)}\n`;
}
