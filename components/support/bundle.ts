import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import * as pulumi from "@pulumi/pulumi";
import * as esbuild from "esbuild";
import {
  type ProcessorDefinition,
  routedHandlersOf,
  type SourceDefinition,
} from "../../runtime/stage/definition.js";
import { validatorCode } from "../../settings/json-schema.js";

/** The project's root. Paths in settings are relative to it. */
const projectFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The function's code, ready to deploy. */
export interface Bundle {
  readonly code: pulumi.asset.AssetArchive;
  /** Hash of all files with their names. The same sources and settings give the same hash on every machine. */
  readonly sha256: string;
}

/**
 * Bundles `runtime/`, the sources' handlers and the settings that the function needs into one archive.
 *
 * @param handlersFolder relative to the project's root. Its `x.ts`, if it exists, handles the source `x` unless the
 *   source's routes say otherwise
 * @throws pulumi.RunError naming the file and what is wrong with it
 */
export function bundleProcessor(definition: ProcessorDefinition, handlersFolder: string): Bundle {
  if (!existsSync(join(projectFolder, handlersFolder))) {
    throw new pulumi.RunError(
      `processor.handlersFolder: there is no folder ${handlersFolder} in the project`,
    );
  }

  const files = buildFiles(entry(definition, findHandlers(definition.sources, handlersFolder)));
  const hash = createHash("sha256");
  for (const { name, text } of files) hash.update(`${name}\0${text}\0`);
  return {
    code: new pulumi.asset.AssetArchive(
      Object.fromEntries(files.map(({ name, text }) => [name, new pulumi.asset.StringAsset(text)])),
    ),
    sha256: hash.digest("hex"),
  };
}

interface HandlerFile {
  readonly name: string;
  readonly file: string;
}

/** The existing handler files with the sources' names, and the files that the sources route to. */
function findHandlers(sources: readonly SourceDefinition[], folder: string): HandlerFile[] {
  const fileOf = (name: string) => ({ name, file: `${folder}/${name}.ts` });
  const exists = ({ file }: HandlerFile) => existsSync(join(projectFolder, file));
  const missing = sources
    .flatMap((source) => routedHandlersOf(source).map((name) => ({ source, ...fileOf(name) })))
    .find((handler) => !exists(handler));
  if (missing !== undefined) {
    throw new pulumi.RunError(`${missing.file}: is missing; the source ${missing.source.name} routes to it`);
  }
  const names = new Set(sources.flatMap((source) => [source.name, ...routedHandlersOf(source)]));
  return [...names].map(fileOf).filter(exists);
}

function entry(definition: ProcessorDefinition, handlers: readonly HandlerFile[]): string {
  const { overflow = false } = definition;
  const schemas = definition.sources.flatMap(({ name, schema }) =>
    schema === undefined ? [] : [{ name, schema }],
  );
  return [
    'import { createHandler } from "./runtime/handler.js";',
    ...(overflow ? ['import { s3Overflow } from "./runtime/payload/s3-overflow.js";'] : []),
    ...handlers.map(({ file }, index) => `import handler${index} from "./${file}";`),
    "const validators = {",
    ...schemas.map(({ name, schema }) => `  ${JSON.stringify(name)}: ${validatorCode(schema)},`),
    "};",
    `const bundled = { validators${overflow ? ", openOverflow: s3Overflow" : ""} };`,
    `export const handler = createHandler({ ...${JSON.stringify(definition)}, ...bundled }, {`,
    ...handlers.map(({ name }, index) => `  ${JSON.stringify(name)}: handler${index},`),
    "});",
  ].join("\n");
}

/**
 * Bundles what an entry file imports. Its paths are relative to the project's root. The benchmark uses it too, so that
 * other handlers are bundled with the same options.
 *
 * @returns the files by name, the entry as `index.mjs`
 * @throws pulumi.RunError naming the file and what is wrong with it
 */
export function buildFiles(contents: string): { name: string; text: string }[] {
  try {
    const { outputFiles } = esbuild.buildSync({
      stdin: { contents, resolveDir: projectFolder, sourcefile: "entry.js", loader: "js" },
      // Paths in the output are relative to this folder, so that the bundle does not depend on the machine's paths.
      absWorkingDir: projectFolder,
      bundle: true,
      write: false,
      outdir: ".",
      entryNames: "index",
      platform: "node",
      target: "node24",
      format: "esm",
      outExtension: { ".js": ".mjs" },
      // Clients that are imported on first use become separate files, which are not read unless they are needed.
      splitting: true,
      // The ESM form of the SDK's modules, so that only the parts in use are bundled.
      mainFields: ["module", "main"],
      alias: { "@aws-sdk/credential-provider-node": "./runtime/stage/lambda-credentials.ts" },
      minify: true,
      legalComments: "none",
      logLevel: "silent",
    });
    return outputFiles
      .map(({ path, text }) => ({ name: relative(projectFolder, path), text }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    throw new pulumi.RunError(describe(error as esbuild.BuildFailure));
  }
}

/** esbuild's problems, one line each, in terms that a handler's author knows. */
function describe({ errors, message }: esbuild.BuildFailure): string {
  if (errors === undefined || errors.length === 0) return message;
  return errors
    .map(({ text, location }) => {
      const missing = /^No matching export in "(.+)" for import "default"$/.exec(text)?.[1];
      if (missing !== undefined) {
        return `${missing}: has no default export; a handler file ends in \`export default defineHandler(...)\``;
      }
      return location === null ? text : `${location.file}:${location.line}:${location.column}: ${text}`;
    })
    .join("\n");
}
