import { readStageConfig } from "local-aws";
import { parseSettings, rawSettings, type Settings } from "../settings/settings.js";
import { programFolder } from "./program-folder.js";

export interface SourcesOptions {
  readonly stack: string;
  readonly stageFile?: string | undefined;
  readonly overrides?: Readonly<Record<string, unknown>>;
}

/** The sources of a stage, as the program reads them. */
export function stageSources({ stack, stageFile, overrides = {} }: SourcesOptions): Settings["sources"] {
  const { project, values } = readStageConfig(programFolder, stack, stageFile);
  const changed = Object.fromEntries(
    Object.entries(overrides).map(([key, value]) => [
      key,
      typeof value === "string" ? value : JSON.stringify(value),
    ]),
  );
  return parseSettings(rawSettings({ ...values, ...changed }, project)).sources;
}
