import { assign, call, element, property } from "./java-methods.js";
import {
  calculate,
  compare,
  elements,
  equal,
  isTrue,
  JavaList,
  type JavaMap,
  type JavaValue,
  negate,
  printed,
  TemplateFault,
} from "./java-values.js";
import {
  type Directive,
  endsItsLine,
  isDirective,
  type Node,
  type Operand,
  type PathStep,
  readNodes,
} from "./velocity-syntax.js";

/**
 * Velocity templates with Java's semantics. velocityjs parses; its evaluator is not used, because it works with
 * JavaScript's values: 5 / 2 is 2.5 there, `$text.length` prints a number, an empty text is false, `#foreach` has no limit,
 * and a template with an `#end` too many is cut off without a word. The rules here were compared with Apache Velocity 1.7.
 *
 * One file, though a long one: a text holds directives, these hold expressions, and those hold texts again.
 */
export interface Template {
  /** Renders with these variables; `#set` writes into them. @throws TemplateFault where Java would fail */
  render(variables: JavaMap): string;
}

/** Longest template that API Gateway stores: 300 KB (AWS fact 1.26). */
const longestTemplateBytes = 300 * 1024;

/** `#foreach` stops after so many turns. `$foreach.hasNext` is still true in the last of them (AWS fact 1.26). */
const longestLoop = 1000;

/** Longest range that is made. A longer one is a mistake that would only fill this machine's memory. */
const longestRange = 1_000_000;

/**
 * Reads a template.
 *
 * @throws SyntaxError for a template that Velocity, or this gateway, cannot read; the message says what is wrong with it
 */
export function compileTemplate(source: string): Template {
  const bytes = Buffer.byteLength(source);
  if (bytes > longestTemplateBytes)
    throw new SyntaxError(`the template has ${bytes} bytes; API Gateway takes ${longestTemplateBytes}`);
  const steps = compileText(source);
  return {
    render(variables) {
      const frame: Frame = { variables, output: "" };
      run(steps, frame);
      return frame.output;
    },
  };
}

interface Frame {
  readonly variables: JavaMap;
  output: string;
  /** Set while a `#break` or `#stop` ends what is running. */
  leaving?: "loop" | "template";
}

type Step = (frame: Frame) => void;
type Expression = (frame: Frame) => JavaValue;

function compileText(source: string): Step[] {
  return compileBlock(readNodes(source), false);
}

/** @param swallowing whether a newline at the very front belongs to the directive before it */
function compileBlock(nodes: readonly Node[], swallowing: boolean): Step[] {
  const steps: Step[] = [];
  let text = "";
  let swallowsNewline = swallowing;
  const write = (plain: string) => {
    if (plain !== "")
      steps.push((frame) => {
        frame.output += plain;
      });
  };
  const flush = () => {
    // velocityjs does not know #stop: it arrives as text.
    const [before = "", ...after] = text.split(/#stop\b/);
    write(before);
    if (after.length > 0)
      steps.push((frame) => {
        frame.leaving = "template";
      });
    text = "";
  };

  for (const node of nodes) {
    if (typeof node === "string") {
      text += swallowsNewline ? node.replace(/^[ \t]*\r?\n/, "") : node;
      swallowsNewline = false;
      continue;
    }
    // Velocity takes the blanks in front of a #set that begins its line.
    if (isDirective(node) && node.type === "set") text = text.replace(/(^|\n)[ \t]+$/, "$1");
    flush();
    steps.push(isDirective(node) ? compileDirective(node) : compileBlockDirective(node));
    swallowsNewline = !isDirective(node) || endsItsLine(node);
  }
  flush();
  return steps;
}

function compileDirective(node: Directive): Step {
  switch (node.type) {
    case "references": {
      const read = compileReference(node as unknown as Operand);
      return (frame) => {
        frame.output += printed(read(frame));
      };
    }
    case "set":
      return compileSet(node.equal);
    case "raw":
      return (frame) => {
        frame.output += node.value;
      };
    case "comment":
      return () => {};
    case "break":
      return (frame) => {
        frame.leaving = "loop";
      };
    default:
      throw new SyntaxError(
        `#${node.id ?? node.type} is not a directive of API Gateway's templates (AWS fact 1.27 in docs/aws-facts.md)`,
      );
  }
}

function compileBlockDirective(block: readonly Node[]): Step {
  const [head, ...body] = block;
  if (!isDirective(head)) throw new SyntaxError("a block without a directive");
  if (head.type === "if") return compileIf(block);
  if (head.type === "foreach") return compileForeach(head, compileBlock(body, true));
  if (head.type === "define") {
    const steps = compileBlock(body, true);
    return (frame) => {
      const inner: Frame = { variables: frame.variables, output: "" };
      run(steps, inner);
      frame.variables.set(head.id, inner.output);
    };
  }
  throw new SyntaxError(
    `#${head.type} is not a directive of API Gateway's templates (AWS fact 1.27 in docs/aws-facts.md)`,
  );
}

function compileIf(block: readonly Node[]): Step {
  const branches: { condition: Expression; body: Node[] }[] = [];
  for (const node of block) {
    if (isDirective(node) && (node.type === "if" || node.type === "elseif"))
      branches.push({ condition: compileExpression(node.condition), body: [] });
    else if (isDirective(node) && node.type === "else") branches.push({ condition: () => true, body: [] });
    else branches.at(-1)?.body.push(node);
  }
  const compiled = branches.map(({ condition, body }) => ({ condition, steps: compileBlock(body, true) }));
  return (frame) => {
    const taken = compiled.find(({ condition }) => isTrue(condition(frame)));
    if (taken !== undefined) run(taken.steps, frame);
  };
}

function compileForeach({ to, from }: Directive, steps: readonly Step[]): Step {
  const collection = compileExpression(from);
  return (frame) => {
    const { variables } = frame;
    const items = elements(collection(frame));
    const hidden = [to, "foreach", "velocityCount"].map((name) => [name, variables.get(name)] as const);
    const parent = variables.get("foreach");
    for (const [index, item] of items.slice(0, longestLoop).entries()) {
      variables.set(to, item);
      variables.set("velocityCount", BigInt(index + 1));
      variables.set("foreach", loopState(index, items.length, parent));
      run(steps, frame);
      if (frame.leaving !== undefined) break;
    }
    if (frame.leaving === "loop") delete frame.leaving;
    for (const [name, value] of hidden)
      value === undefined ? variables.delete(name) : variables.set(name, value);
  };
}

function loopState(index: number, length: number, parent: JavaValue): JavaMap {
  return new Map<string, JavaValue>([
    ["index", BigInt(index)],
    ["count", BigInt(index + 1)],
    ["hasNext", index + 1 < length],
    ["first", index === 0],
    ["last", index + 1 === length],
    ["parent", parent ?? null],
  ]);
}

function compileSet([target, source]: readonly [Operand, Operand]): Step {
  const value = compileExpression(source);
  const path = target.path ?? [];
  const last = path.at(-1);
  if (last === undefined) {
    return (frame) => {
      const result = value(frame);
      // Velocity 1.7: a null on the right leaves the variable as it was.
      if (result !== null) frame.variables.set(target.id, result);
    };
  }
  if (last.type === "method") throw new SyntaxError(`#set cannot assign to $${target.id}…${last.id}()`);
  const owner = compileReference({ ...target, path: path.slice(0, -1) });
  const key: Expression = last.type === "property" ? () => last.id : compileExpression(last.id);
  return (frame) => {
    const result = value(frame);
    if (result !== null) assign(owner(frame), key(frame), result);
  };
}

function compileReference(node: Operand): Expression {
  if (node.args !== undefined) throw new SyntaxError(`$${node.id}() is not a reference`);
  const steps = (node.path ?? []).map(compilePathStep);
  return (frame) => {
    let value = frame.variables.has(node.id) ? frame.variables.get(node.id) : null;
    for (const step of steps) value = step(frame, value);
    return value;
  };
}

function compilePathStep(step: PathStep): (frame: Frame, value: JavaValue) => JavaValue {
  if (step.type === "property") return (_frame, value) => property(value, step.id);
  if (step.type === "index") {
    const key = compileExpression(step.id);
    return (frame, value) => element(value, key(frame));
  }
  const parameters = (step.args || []).map(compileExpression);
  return (frame, value) =>
    call(
      value,
      step.id,
      parameters.map((parameter) => parameter(frame)),
    );
}

function compileExpression(node: Operand): Expression {
  switch (node.type) {
    case "references":
      return compileReference(node);
    case "string":
      return node.isEval === true ? compileInterpolated(String(node.value)) : () => String(node.value);
    case "integer": {
      const whole = BigInt(String(node.value));
      return () => whole;
    }
    case "decimal": {
      const decimal = Number(node.value);
      return () => decimal;
    }
    case "bool": {
      const value = { true: true, false: false, null: null }[String(node.value)];
      return () => value ?? null;
    }
    case "array":
      return node.isRange === true ? compileRange(node.value) : compileList(node.value as readonly Operand[]);
    case "map":
      return compileMap((node.value ?? {}) as Readonly<Record<string, Operand>>);
    case "math":
      return compileOperation(node);
    default:
      throw new SyntaxError(`"${node.type}" cannot stand in an expression`);
  }
}

/** A double-quoted text is a template of its own. */
function compileInterpolated(source: string): Expression {
  if (!/[#$]/.test(source)) return () => source;
  const steps = compileText(source);
  return ({ variables }) => {
    const inner: Frame = { variables, output: "" };
    run(steps, inner);
    return inner.output;
  };
}

function compileList(items: readonly Operand[]): Expression {
  const compiled = items.map(compileExpression);
  return (frame) => new JavaList(compiled.map((item) => item(frame)));
}

function compileMap(entries: Readonly<Record<string, Operand>>): Expression {
  const compiled = Object.entries(entries).map(([key, value]) => [key, compileExpression(value)] as const);
  return (frame) => new Map(compiled.map(([key, value]) => [key, value(frame)]));
}

function compileRange(ends: unknown): Expression {
  const [from, to] = (ends as (string | number | Operand)[]).map((end) =>
    typeof end === "object" ? compileExpression(end) : () => BigInt(end),
  );
  return (frame) => {
    const [start, end] = [Number(from?.(frame)), Number(to?.(frame))];
    if (!Number.isInteger(start) || !Number.isInteger(end)) return null;
    const direction = start <= end ? 1 : -1;
    const length = Math.abs(end - start) + 1;
    if (length > longestRange) throw new TemplateFault(`a range of ${length} numbers`);
    return new JavaList(Array.from({ length }, (_, index) => BigInt(start + index * direction)));
  };
}

function compileOperation({ operator, expression }: Operand): Expression {
  const [left, right = () => null] = expression.map(compileExpression);
  if (left === undefined) throw new SyntaxError(`"${operator}" without an operand`);
  switch (operator) {
    case "parenthesis":
      return left;
    case "not":
      return (frame) => !isTrue(left(frame));
    case "minus":
      return (frame) => negate(left(frame));
    case "&&":
      return (frame) => isTrue(left(frame)) && isTrue(right(frame));
    case "||":
      return (frame) => isTrue(left(frame)) || isTrue(right(frame));
    case "==":
      return (frame) => equal(left(frame), right(frame));
    case "!=":
      return (frame) => !equal(left(frame), right(frame));
    case "<":
      return (frame) => compare(left(frame), right(frame), (one, other) => one < other);
    case "<=":
      return (frame) => compare(left(frame), right(frame), (one, other) => one <= other);
    case ">":
      return (frame) => compare(left(frame), right(frame), (one, other) => one > other);
    case ">=":
      return (frame) => compare(left(frame), right(frame), (one, other) => one >= other);
    default:
      return (frame) => calculate(operator, left(frame), right(frame));
  }
}

function run(steps: readonly Step[], frame: Frame): void {
  for (const step of steps) {
    if (frame.leaving !== undefined) return;
    step(frame);
  }
}
