import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { archiveFiles } from "local-aws";
import { buildEntry, bundleStage } from "../../../components/support/bundle.js";
import { secretNamesFile } from "../../../runtime/stage/archive.js";
import { environmentVariables } from "../../../runtime/stage/environment.js";
import { type Lane, lanesOf } from "../../../settings/lanes.js";
import { parseSettings } from "../../../settings/settings.js";
import {
  createHistoryTable,
  createIdempotencyTable,
  type Emulator,
  emulatorAccess,
} from "../emulator/emulator.js";
import { envelopeMessage, githubSecret, type MessageWriter, peerMessage } from "../webhooks.js";
import { peerVariables } from "./peer-message.js";

export const handlerNames = ["ours", "powertools", "sequential"] as const;
export type HandlerName = (typeof handlerNames)[number];

/** A bundled handler to compare. */
export interface Contender {
  readonly name: HandlerName;
  /** Path of the bundle's entry. */
  readonly entry: string;
  /** Size of all files of the bundle. */
  readonly bundleBytes: number;
  readonly message: MessageWriter;
  /** Name of its history table. */
  readonly historyTable: string;
  createTables(emulator: Emulator): Promise<void>;
  /** The environment of its process. */
  variables(endpoints: Endpoints): Record<string, string>;
}

/** The endpoints at which a function finds AWS. */
export interface Endpoints {
  readonly dynamodb: string;
  readonly others: string;
}

/** A bundle on disk. */
export interface BundleOnDisk {
  readonly entry: string;
  readonly bundleBytes: number;
}

/** The lane of a stage with GitHub as its only source and without an overflow bucket, every other setting at its default. */
const [{ definition }] = lanesOf(
  parseSettings({
    sources: [{ name: "github", signature: { scheme: "github" } }],
    history: { overflow: false },
  }),
  "webhooks",
) as [Lane];

/** Bundles all handlers with the same options and writes each bundle to its own subfolder of the given folder. */
export async function bundleContenders(folder: string): Promise<Contender[]> {
  const ours = await archiveFiles(bundleStage([definition], "runtime/handlers").archiveOf(definition));
  ours.set(secretNamesFile, Buffer.from('{"github":"github"}'));
  return [
    {
      name: "ours",
      ...(await writeBundle(join(folder, "ours"), ours)),
      message: envelopeMessage,
      historyTable: "ours-history",
      createTables: (emulator) => createHistoryTable(emulator, "ours-history"),
      variables: (endpoints) => ({
        ...access(endpoints),
        [environmentVariables.queueUrl]: `${endpoints.others}/000000000000/webhooks`,
        [environmentVariables.historyTable]: "ours-history",
        [environmentVariables.logLevel]: "INFO",
      }),
    },
    {
      name: "powertools",
      ...(await writeBundle(join(folder, "powertools"), bundle("powertools-handler"))),
      message: peerMessage,
      historyTable: "powertools-history",
      createTables: async (emulator) => {
        await createHistoryTable(emulator, "powertools-history");
        await createIdempotencyTable(emulator, "powertools-idempotency");
      },
      variables: (endpoints) => ({
        ...access(endpoints),
        AWS_LAMBDA_FUNCTION_NAME: "webhooks-processor",
        [peerVariables.historyTable]: "powertools-history",
        [peerVariables.idempotencyTable]: "powertools-idempotency",
        [peerVariables.githubSecret]: githubSecret,
      }),
    },
    {
      name: "sequential",
      ...(await writeBundle(join(folder, "sequential"), bundle("sequential-handler"))),
      message: peerMessage,
      historyTable: "sequential-history",
      createTables: (emulator) => createHistoryTable(emulator, "sequential-history"),
      variables: (endpoints) => ({
        ...access(endpoints),
        [peerVariables.historyTable]: "sequential-history",
        [peerVariables.githubSecret]: githubSecret,
      }),
    },
  ];
}

/** Bundles only DynamoDB's client. */
export function bundleSdkOnly(folder: string): Promise<BundleOnDisk> {
  return writeBundle(join(folder, "sdk-only"), bundle("sdk-only"));
}

function bundle(module: string): Map<string, Buffer> {
  const { files } = buildEntry(`export * from "./bench/handler/contenders/${module}.js";`);
  return new Map([...files].map(([name, text]) => [name, Buffer.from(text)]));
}

async function writeBundle(folder: string, files: ReadonlyMap<string, Buffer>): Promise<BundleOnDisk> {
  let bundleBytes = 0;
  for (const [name, content] of files) {
    bundleBytes += content.length;
    await mkdir(dirname(join(folder, name)), { recursive: true });
    await writeFile(join(folder, name), content);
  }
  return { entry: join(folder, "index.mjs"), bundleBytes };
}

/** The SDK's own variables: docs.aws.amazon.com/sdkref/latest/guide/feature-ss-endpoints.html. */
function access({ dynamodb, others }: Endpoints): Record<string, string> {
  return { ...emulatorAccess, AWS_ENDPOINT_URL: others, AWS_ENDPOINT_URL_DYNAMODB: dynamodb };
}
