import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { S3Client } from "@aws-sdk/client-s3";
import { counted } from "../../command-line/counted.js";

/** Who holds a stack, as Pulumi writes it into its backend. */
export interface Lock {
  readonly pid: number;
  readonly username: string;
  readonly hostname: string;
  /** ISO 8601. */
  readonly timestamp: string;
  /** Where it is written. */
  readonly file: string;
}

/**
 * The locks of a stack.
 *
 * @returns undefined where the backend does not show its locks: Pulumi Cloud, and stores that are neither folders nor S3
 */
export async function locksOf(
  backend: string,
  project: string,
  stack: string,
  s3: () => Promise<S3Client>,
): Promise<Lock[] | undefined> {
  const folder = `.pulumi/locks/organization/${project}/${stack}`;
  if (backend.startsWith("file://")) return inFolder(join(folderOf(backend), folder));
  if (backend.startsWith("s3://")) return inBucket(new URL(backend), folder, await s3());
  return undefined;
}

function folderOf(backend: string): string {
  const path = backend.slice("file://".length).split("?")[0] ?? "";
  if (path === "~" || path.startsWith("~/")) return join(process.env.HOME ?? "~", path.slice(1));
  return path.startsWith("/") ? fileURLToPath(`file://${path}`) : path;
}

function inFolder(folder: string): Lock[] {
  let files: string[];
  try {
    files = readdirSync(folder);
  } catch (error) {
    // Pulumi makes the folder with the first lock.
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return [];
    throw error;
  }
  return files
    .filter((name) => name.endsWith(".json"))
    .map((name) => readLock(join(folder, name), readFileSync(join(folder, name), "utf8")));
}

async function inBucket({ hostname, pathname }: URL, folder: string, s3: S3Client): Promise<Lock[]> {
  const { GetObjectCommand, ListObjectsV2Command } = await import("@aws-sdk/client-s3");
  const prefix = [pathname.replace(/^\/|\/$/g, ""), folder].filter((part) => part !== "").join("/");
  const { Contents = [] } = await s3.send(
    new ListObjectsV2Command({ Bucket: hostname, Prefix: `${prefix}/` }),
  );
  return Promise.all(
    Contents.flatMap(({ Key }) => (Key?.endsWith(".json") ? [Key] : [])).map(async (key) => {
      const { Body } = await s3.send(new GetObjectCommand({ Bucket: hostname, Key: key }));
      return readLock(`s3://${hostname}/${key}`, (await Body?.transformToString()) ?? "{}");
    }),
  );
}

function readLock(file: string, text: string): Lock {
  const { pid = 0, username = "?", hostname = "?", timestamp = "?" } = JSON.parse(text) as Partial<Lock>;
  return { pid, username, hostname, timestamp, file };
}

/** Whether the process that holds a lock still lives. `unknown`: it runs on another machine. */
export type Holder = "alive" | "dead" | "unknown";

/** @param isAlive asks the operating system for a process */
export function holderOf(
  { hostname, pid }: Pick<Lock, "hostname" | "pid">,
  thisHost: string,
  isAlive: (pid: number) => boolean = processLives,
): Holder {
  if (hostname !== thisHost) return "unknown";
  return isAlive(pid) ? "alive" : "dead";
}

function processLives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // Somebody else's process lives as well.
    return (error as NodeJS.ErrnoException).code === "EPERM";
  }
}

/** `ann@laptop (process 7) since 2026-11-26T03:00:00Z, 4 minutes ago` */
export function lockText({ username, hostname, pid, timestamp }: Lock, now: number): string {
  const minutes = Math.floor((now - Date.parse(timestamp)) / 60_000);
  const age = Number.isNaN(minutes) ? "" : `, ${counted(minutes, "minute")} ago`;
  return `${username}@${hostname} (process ${pid}) since ${timestamp}${age}`;
}
