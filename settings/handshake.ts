import { z } from "zod";
import { handshakes, needsToken, type ServedHandshake } from "../providers/support/handshakes.js";
import type { EchoDefinition, HandshakeDefinition, RequestPlace } from "../runtime/stage/handshake.js";

/**
 * How a source's provider asks whether the URL is ours: a handshake by its name, one that is described, or none that the
 * front door has to answer.
 */
export type Handshake =
  | { readonly kind: ServedHandshake; readonly verifyToken?: string | undefined }
  | { readonly kind: "reachable" }
  | (EchoDefinition & { readonly verifyToken?: string | undefined })
  | { readonly kind: "none" };

/** An echo with the stage's token. */
export type EchoHandshake = EchoDefinition & { readonly tokenValue?: string | undefined };

/** What the front door has to do for a handshake. Undefined: nothing. */
export function resolveHandshake(
  handshake: Handshake,
): Exclude<HandshakeDefinition, EchoDefinition> | EchoHandshake | undefined {
  if (handshake.kind === "none") return undefined;
  if (handshake.kind === "reachable") return handshake;
  if (handshake.kind === "echo") {
    const { verifyToken, ...definition } = handshake;
    return { ...definition, tokenValue: verifyToken };
  }
  const definition: HandshakeDefinition = handshakes[handshake.kind].definition;
  return definition.kind === "echo" ? { ...definition, tokenValue: handshake.verifyToken } : definition;
}

/** Texts that are safe in a template, because they contain nothing of its language. */
const plain = "[A-Za-z0-9_-]+";
const place = z.custom<RequestPlace>(
  (value) =>
    typeof value === "string" &&
    new RegExp(`^(query:${plain}(\\.${plain})*|header:${plain}|json:${plain}(\\.${plain})*)$`).test(value),
  "must be query:<name>, header:<name> or json:<path>, such as query:challenge",
);

const verifyToken = z.string().regex(/^[A-Za-z0-9_-]{8,128}$/, "must be 8 to 128 letters, digits, _ and -");

const named = Object.keys(handshakes) as ServedHandshake[];

const echo = z
  .strictObject({
    kind: z.literal("echo"),
    method: z.enum(["GET", "POST"]),
    challenge: place,
    answer: z.custom<EchoDefinition["answer"]>(
      (value) =>
        typeof value === "string" &&
        new RegExp(`^(text|json:${plain}|header:[A-Za-z][A-Za-z0-9-]*)$`).test(value),
      "must be text, json:<name> or header:<name>",
    ),
    requires: z
      .record(
        place,
        z.string().regex(/^[A-Za-z0-9_.-]{1,128}$/, "must be 1 to 128 letters, digits, _, . and -"),
      )
      .optional(),
    token: place.optional(),
    /** Store it encrypted: `pulumi config set --secret --path`. */
    verifyToken: verifyToken.optional(),
    signed: z.boolean().optional(),
  })
  .superRefine(({ method, challenge, answer, requires = {}, token, verifyToken, signed }, context) => {
    const problem = (key: string, message: string) =>
      context.addIssue({ code: "custom", path: [key], message });
    const places = [challenge, ...Object.keys(requires), ...(token === undefined ? [] : [token])];
    if (method === "GET" && places.some((at) => at.startsWith("json:")))
      problem("method", "must be POST where a value is in the body: a GET has none");
    if (challenge.startsWith("json:") && Object.keys(requires).length === 0)
      problem(
        "requires",
        "is missing: without a fixed value, an event with such a field would be taken for the question",
      );
    if (method === "GET" && signed !== undefined)
      problem("signed", "has no effect with GET, which is not queued");
    if (answer.startsWith("header:") && (method !== "POST" || !challenge.startsWith("header:")))
      problem(
        "answer",
        "can be a header only where a POST's header is the challenge: no other value is sure to fit into one",
      );
    if ((token === undefined) !== (verifyToken === undefined))
      problem(
        token === undefined ? "token" : "verifyToken",
        "is missing: token says where it is, verifyToken what it is",
      );
  });

/** A source's `handshake`. */
export const handshakeSchema = z.discriminatedUnion("kind", [
  ...named.map((kind) =>
    z.strictObject({ kind: z.literal(kind), ...(needsToken(kind) ? { verifyToken } : {}) }),
  ),
  z.strictObject({ kind: z.literal("reachable") }),
  echo,
  z.strictObject({ kind: z.literal("none") }),
] as unknown as [z.ZodType<Handshake> & z.core.$ZodTypeDiscriminable]);
