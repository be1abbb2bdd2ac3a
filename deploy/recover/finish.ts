import { execFile } from "node:child_process";
import { programFolder } from "../../local/program-folder.js";
import { explainFailure } from "../engine/failure.js";
import type { DeployedStage } from "../engine/stage.js";
import type { Settled } from "./settlement.js";

/**
 * Lets Pulumi take over, or forget, what an interrupted update had begun. The Automation API has no way to take over: this is
 * `pulumi refresh --import-pending-creates` (pulumi.com/docs/iac/cli/commands/pulumi_refresh).
 */
export async function finishOperations({ name }: DeployedStage, settled: readonly Settled[]): Promise<void> {
  const imports = settled.flatMap(({ operation, settlement }) =>
    settlement.deed === "import" ? [operation.resource.urn, settlement.id] : [],
  );
  const args = [
    "refresh",
    ...imports.flatMap((part) => ["--import-pending-creates", part]),
    "--clear-pending-creates",
    "--yes",
    "--skip-preview",
    "--non-interactive",
    "--color=never",
    "--stack",
    name,
  ];
  await new Promise<void>((resolve, reject) => {
    execFile("pulumi", args, { cwd: programFolder, maxBuffer: 1 << 26 }, (error, stdout, stderr) => {
      if (error === null) resolve();
      else
        reject(explainFailure({ command: "recover", stack: name, text: `${stdout}${stderr}`, errors: [] }));
    });
  });
}
