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

/** The project's root; paths in settings start here. */
const projectFolder = dirname(dirname(dirname(fileURLToPath(import.meta.url))));

/** The function's code, ready to deploy. */
export interface Bundle {
  readonly code: pulumi.asset.AssetArchive;
  /** Of all files with their names; the same sources and settings give the same one on every machine. */
  readonly sha256: string;
}

/**
 * Bundles `runtime/`, the handlers of the sources, and the settings the function needs into one archive.
 *
 * @param handlersFolder from the project's root; a source `x` is handled by its `x.ts`, if there is one and unless its
 *   routes say otherwise
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

/** The files that sources are named like, as far as there are any, and those that they route to. */
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
 * Bundles what an entry file imports, whose paths start at the project's root. For the benchmark too, so that other
 * handlers are bundled by the very same options.
 *
 * @returns the files by name, the entry as `index.mjs`
 * @throws pulumi.RunError naming the file and what is wrong with it
 */
export function buildFiles(contents: string): { name: string; text: string }[] {
  try {
    const { outputFiles } = esbuild.buildSync({
      stdin: { contents, resolveDir: projectFolder, sourcefile: "entry.js", loader: "js" },
      // Paths in the output are relative to this folder, so that the machine's own paths do not change the bundle.
      absWorkingDir: projectFolder,
      bundle: true,
      write: false,
      outdir: ".",
      entryNames: "index",
      platform: "node",
      target: "node24",
      format: "esm",
      outExtension: { ".js": ".mjs" },
      // Clients that are imported on first use become files of their own, which a run that does not need them never reads.
      splitting: true,
      // The SDK's modules in ESM form, of which only what is used gets in.
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

/** What esbuild found, a line each, in the words of somebody who writes a handler. */
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
