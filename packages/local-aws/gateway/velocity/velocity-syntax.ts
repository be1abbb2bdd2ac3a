import { parse } from "velocityjs";

/** The part of velocityjs's syntax tree that is used here; its own types do not tell the nodes apart. */
export type Node = string | Directive | readonly Node[];
export interface Directive {
  readonly type: string;
  readonly id: string;
  readonly value: string;
  readonly equal: readonly [Operand, Operand];
  readonly condition: Operand;
  readonly from: Operand;
  readonly to: string;
}
export interface Operand {
  readonly type: string;
  readonly id: string;
  readonly value: unknown;
  readonly isEval?: boolean;
  readonly isRange?: boolean;
  readonly operator: string;
  readonly expression: readonly Operand[];
  readonly path?: readonly PathStep[];
  readonly args?: readonly Operand[] | false;
}
export type PathStep =
  | { readonly type: "property"; readonly id: string }
  | { readonly type: "index"; readonly id: Operand }
  | { readonly type: "method"; readonly id: string; readonly args: readonly Operand[] | false };

/**
 * Reads a template's source.
 *
 * @throws Error, whose message names the place, for a template that is not Velocity; SyntaxError for unbalanced blocks
 */
export function readNodes(source: string): Node[] {
  checkBlocks(source);
  return parseNodes(source);
}

/** Newlines are kept: which of them a directive swallows is decided in `velocity.ts`. */
function parseNodes(source: string): Node[] {
  return parse(source, {}, false) as unknown as Node[];
}

/** velocityjs drops what follows an `#end` too many and repeats a block without one; a mark at the end shows both. */
function checkBlocks(source: string): void {
  const marked = parseNodes(`${source}\n\${endOfTemplate}`);
  const isMark = (node: Node | undefined): boolean =>
    typeof node === "object" && "id" in node && node.id === "endOfTemplate";
  const holdsMark = (node: Node): boolean =>
    isMark(node) || (Array.isArray(node) && (node as readonly Node[]).some(holdsMark));
  if (!isMark(marked.at(-1)) || marked.slice(0, -1).some(holdsMark))
    throw new SyntaxError("every #if, #foreach and #define needs one #end");
}

/** A directive alone at the end of a line takes the newline along; what prints, and a `#* … *#`, does not. */
export function endsItsLine({ type, value }: Directive): boolean {
  return type === "comment" ? value.startsWith("##") : type !== "references" && type !== "raw";
}

export function isDirective(node: Node | undefined): node is Directive {
  return typeof node === "object" && "type" in node;
}
