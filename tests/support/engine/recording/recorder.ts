import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { listenOnLoopback } from "local-aws";
import { account } from "../emulator.js";
import type { NeededAccess } from "./call.js";
import { CallReader } from "./call-reader.js";

/** What a stage's calls are made for. A preview writes nothing, so it needs less. */
export type Purpose = "preview" | "deploy";

/** What was needed of AWS, as `recordingText` writes it, by what it was needed for. */
export type Needed = Readonly<Record<Purpose, ReadonlyMap<string, NeededAccess>>>;

/** Stands before the emulated AWS, and notes which permission each call needs on AWS. */
export interface Recorder {
  /** Address for AWS_ENDPOINT_URL. */
  readonly endpoint: string;
  /** What the calls from now on are made for. */
  purpose: Purpose;
  readonly needed: Needed;
  /** Calls of which nobody has written down what they need. */
  readonly unread: readonly string[];
  close(): Promise<void>;
}

/** @param emulator address of the emulated AWS */
export async function startRecorder(emulator: string): Promise<Recorder> {
  const { hostname, port } = new URL(emulator);
  const reader = new CallReader(account);
  const needed = {
    preview: new Map<string, NeededAccess>(),
    deploy: new Map<string, NeededAccess>(),
  };
  const unread: string[] = [];
  const recorder = { purpose: "deploy" as Purpose };

  const note = (incoming: IncomingMessage, body: Buffer, answered: Buffer, purpose: Purpose) => {
    const { method = "GET", url: path = "/", headers } = incoming;
    const [, region = "", service = ""] =
      /Credential=[^/]*\/\d+\/([^/]*)\/([^/]*)\//.exec(headers.authorization ?? "") ?? [];
    const target = headers["x-amz-target"];
    const call = {
      service,
      region,
      method,
      path,
      target: typeof target === "string" ? target.split(".").at(-1) : undefined,
      body: body.toString("utf8"),
      answer: answered.toString("utf8"),
    };
    try {
      const accesses = reader.read(call);
      if (accesses === undefined) throw new Error("unknown");
      for (const access of accesses) needed[purpose].set(recordedText(access), access);
    } catch (error) {
      // The stage's life goes on, and its test fails at the end.
      unread.push(
        `${service} ${method} ${path} ${target ?? call.body.slice(0, 100)}: ${(error as Error).message}`,
      );
    }
  };

  const answer = async (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const { purpose } = recorder;
    const body = await read(incoming);
    const { method = "GET", url: path = "/", headers } = incoming;
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      request({ hostname, port, method, path, headers }, resolve).on("error", reject).end(body);
    });
    const answered = await read(response);
    const status = response.statusCode ?? 502;
    // The provider makes the call again. The answer of an emulator that failed names nothing.
    if (status < 500) note(incoming, body, answered, purpose);
    outgoing.writeHead(status, response.headers);
    outgoing.end(answered);
  };

  const server = createServer((incoming, outgoing) => {
    answer(incoming, outgoing).catch((error: Error) => {
      outgoing.writeHead(502);
      outgoing.end(error.message);
    });
  });
  const { origin, close } = await listenOnLoopback(server);
  return Object.assign(recorder, { endpoint: origin, needed, unread, close: () => close() });
}

async function read(message: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of message) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/**
 * One line of a recording: `sqs:TagQueue arn:aws:sqs:eu-west-1:123456789012:webhooks-queue-0000000 aws:requesttag/stage=dev`.
 * What AWS and Pulumi make up differs in each run, and is written with zeros.
 */
export function recordedText({ action, resource, context }: NeededAccess): string {
  const keys = Object.entries(context).sort(([one], [other]) => (one < other ? -1 : 1));
  return [action, resource, ...keys.map(([key, value]) => `${key}=${value}`)].map(withoutChance).join(" ");
}

/** Reads a line of a recording. */
export function readRecorded(line: string): NeededAccess {
  const [action = "", resource = "", ...keys] = line.split(" ");
  const context = Object.fromEntries(
    keys.map((key) => [key.slice(0, key.indexOf("=")), key.slice(key.indexOf("=") + 1)]),
  );
  return { action, resource, context };
}

function withoutChance(text: string): string {
  return (
    text
      // A secret's ARN ends with six characters of AWS's own.
      .replace(/(-[0-9a-f]{7})-[A-Za-z0-9]{6}$/, "$1-000000")
      .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/g, "00000000-0000-0000-0000-000000000000")
      .replace(/-[0-9a-f]{7}(?=$|[-.:/%])/g, "-0000000")
      .replace(/(\/vendedlogs\/.*)-[a-z]{8}$/, "$1-00000000")
      // Alarms differ in nothing but their names.
      .replace(/(:alarm:[a-z]+-)[a-z0-9-]+(?=-0000000$)/, "$1alarm")
      .replace(
        /(?<=\/(?:restapis|apis|deployments|resources|usageplans|apikeys|models|requestvalidators|integrations|routes|keys)(?:\/|%2F))[a-z0-9]{7,12}(?=$|[/%])/gi,
        "0000000000",
      )
      .replace(
        /\b(vpc|subnet|sg|rtb|igw|eipalloc|nat|vpce|rtbassoc|sgr|eni|acl|pl)-[0-9a-f]{8,17}\b/g,
        "$1-0",
      )
  );
}
