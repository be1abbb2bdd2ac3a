import type { IngestSource } from "../components/ingest/source.js";
import { httpIngestSource } from "./http-ingest.js";
import type { Settings } from "./settings.js";

type Api = Settings["api"];

/** What the stage says of its front door and of those who come to it. */
export type FrontDoorSettings =
  | (Api & { readonly kind: "rest"; readonly sources: readonly IngestSource[] })
  | (Api & { readonly kind: "http"; readonly sources: readonly ReturnType<typeof httpIngestSource>[] });

/** The front door's settings, with the sources as its flavour knows them. */
export function frontDoorOf({ api, sources }: Settings): FrontDoorSettings {
  return api.kind === "http"
    ? { ...api, kind: "http", sources: sources.map(httpIngestSource) }
    : { ...api, kind: "rest", sources: sources.map(({ ingest }) => ingest) };
}
