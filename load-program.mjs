/**
 * What Pulumi's runtime loads before the program (`nodeargs` in Pulumi.yaml): TypeScript, as fast as it can be had. Most of a
 * start is Node's reading of the same JavaScript of the SDKs each time.
 */
import module from "node:module";
import "tsx";

// Keeps what Node has compiled, in the system's temporary folder. Node 20 cannot.
module.enableCompileCache?.();

// tsx has Node read the source map of every module that is loaded. Pulumi's runtime maps stack traces by itself.
process.setSourceMapsEnabled(false);
