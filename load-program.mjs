/**
 * What Pulumi's runtime loads before the program (`nodeargs` in Pulumi.yaml): TypeScript, as fast as it can be had. Most of a
 * start is Node's reading of the SDKs, which are the same each time.
 */
import module from "node:module";
import { fileURLToPath } from "node:url";
import "tsx";

// Keeps what Node has compiled, from version 22.1 on: nodejs.org/api/module.html#module-compile-cache
module.enableCompileCache?.(
  fileURLToPath(new URL("node_modules/.cache/node-compile-cache", import.meta.url)),
);

// tsx has Node read the source map of every module that is loaded. Pulumi's runtime maps stack traces by itself.
process.setSourceMapsEnabled(false);
