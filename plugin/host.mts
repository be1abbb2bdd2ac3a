import { main } from "@pulumi/pulumi/provider/server.js";
import { PipelineProvider } from "./pipeline-provider.mjs";

await main(new PipelineProvider(), process.argv.slice(2));
