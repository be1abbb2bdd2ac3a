import { javaRegExp, javaReplacement } from "./java-text.js";
import {
  equal,
  isNumber,
  JavaList,
  type JavaMap,
  type JavaMethod,
  JavaObject,
  type JavaValue,
  printed,
  TemplateFault,
  text,
  typeOf,
} from "./java-values.js";

/** `$value.name` */
export function property(value: JavaValue, name: string): JavaValue {
  if (value instanceof Map) return value.get(name) ?? null;
  if (value instanceof JavaObject)
    return Object.hasOwn(value.properties, name) ? (value.properties[name] ?? null) : null;
  // A bean's getter: `$list.empty` is isEmpty(); `$text.length` is no getter and prints nothing.
  if (name === "empty" && (typeof value === "string" || value instanceof JavaList))
    return call(value, "isEmpty", []);
  return null;
}

/** `$value[key]` */
export function element(value: JavaValue, key: JavaValue): JavaValue {
  if (value instanceof Map) return value.get(printed(key)) ?? null;
  return value instanceof JavaList ? itemAt(value, key) : null;
}

/** `#set($target.name = …)` and `#set($target[key] = …)` */
export function assign(target: JavaValue, key: JavaValue, value: JavaValue): void {
  if (target instanceof Map) target.set(printed(key), value);
  else if (target instanceof JavaList && typeof key === "bigint") target.items[Number(key)] = value;
  else throw new TemplateFault(`#set cannot put "${printed(key)}" on ${typeOf(target)}`);
}

/**
 * `$value.name(…)`. Null has no methods; a method that Java does not have, or not for such parameters, gives null as well,
 * silently as in Velocity (AWS fact 1.6).
 *
 * @throws TemplateFault where the Java method throws, and for one that Java has and this gateway does not
 */
export function call(value: JavaValue, name: string, parameters: readonly JavaValue[]): JavaValue {
  if (value === null || value === undefined) return null;
  const methods = methodsOf(value);
  const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
  if (method !== undefined) return method(...parameters);
  if (name === "toString" && parameters.length === 0) return text(value);
  if (name === "equals") return equal(value, parameters[0]);
  if (!missingHere.has(name) && !(value instanceof JavaObject)) return null;
  throw new TemplateFault(
    `the local gateway has no ${typeOf(value)}.${name}(); it knows ${Object.keys(methods).join(", ")}`,
  );
}

/** Methods of Java's texts, numbers, lists and maps that are not worked out here. */
const missingHere = new Set(
  [
    "getClass getBytes toCharArray codePointAt codePointBefore codePointCount offsetByCodePoints compareTo",
    "compareToIgnoreCase contentEquals regionMatches subSequence intern format valueOf copyValueOf join isBlank strip",
    "stripLeading stripTrailing lines repeat chars codePoints clone hashCode iterator listIterator spliterator addAll",
    "removeAll retainAll containsAll removeIf sort set clear forEach stream parallelStream toArray putAll putIfAbsent",
    "compute computeIfAbsent computeIfPresent merge doubleValue longValue floatValue shortValue byteValue toJSONString",
    "remove replace replaceAll lastIndexOf",
  ].flatMap((names) => names.split(" ")),
);

function methodsOf(value: JavaValue): Readonly<Record<string, JavaMethod>> {
  if (value instanceof JavaObject) return value.methods;
  if (value instanceof Map) return mapMethods(value);
  if (value instanceof JavaList) return listMethods(value);
  if (typeof value === "string") return textMethods(value);
  return isNumber(value) ? { intValue: () => BigInt(Math.trunc(Number(value))) } : {};
}

function mapMethods(map: JavaMap): Record<string, JavaMethod> {
  const before = (key: string) => map.get(key) ?? null;
  return {
    get: (key) => before(printed(key)),
    getOrDefault: (key, fallback) => map.get(printed(key)) ?? fallback,
    containsKey: (key) => map.has(printed(key)),
    containsValue: (wanted) => [...map.values()].some((value) => equal(value, wanted)),
    keySet: () => new JavaList([...map.keys()]),
    values: () => new JavaList([...map.values()]),
    entrySet: () =>
      new JavaList(
        [...map].map(
          ([key, value]) =>
            new JavaObject("Entry", { getKey: () => key, getValue: () => value }, { key, value }),
        ),
      ),
    size: () => BigInt(map.size),
    isEmpty: () => map.size === 0,
    put(key, value) {
      const old = before(printed(key));
      map.set(printed(key), value);
      return old;
    },
    remove(key) {
      const old = before(printed(key));
      map.delete(printed(key));
      return old;
    },
  };
}

function listMethods(list: JavaList): Record<string, JavaMethod> {
  return {
    get: (index) => itemAt(list, index),
    size: () => BigInt(list.items.length),
    isEmpty: () => list.items.length === 0,
    contains: (wanted) => list.items.some((item) => equal(item, wanted)),
    indexOf: (wanted) => BigInt(list.items.findIndex((item) => equal(item, wanted))),
    add: (item) => list.items.push(item) > 0,
    subList: (from, to) => new JavaList(list.items.slice(Number(from), Number(to))),
  };
}

function textMethods(value: string): Record<string, JavaMethod> {
  const place = (index: bigint) => {
    if (index >= 0n && index <= value.length) return Number(index);
    throw new TemplateFault(`String index out of range: ${index}`);
  };
  return {
    length: () => BigInt(value.length),
    isEmpty: () => value === "",
    hashCode: () => {
      let hash = 0;
      for (let index = 0; index < value.length; index++) hash = (31 * hash + value.charCodeAt(index)) | 0;
      return BigInt(hash);
    },
    equalsIgnoreCase: (other) => value.toLowerCase() === printed(other).toLowerCase(),
    contains: withText((part) => value.includes(part)),
    startsWith: withText((part) => value.startsWith(part)),
    endsWith: withText((part) => value.endsWith(part)),
    indexOf: (part) => withText((found) => BigInt(value.indexOf(found)))(asCharacter(part)),
    lastIndexOf: (part) => withText((found) => BigInt(value.lastIndexOf(found)))(asCharacter(part)),
    charAt: withWhole((index) => value.charAt(place(index))),
    concat: withText((other) => value + other),
    substring: (from, to = BigInt(value.length)) =>
      typeof from === "bigint" && typeof to === "bigint" ? value.slice(place(from), place(to)) : null,
    toLowerCase: () => value.toLowerCase(),
    toUpperCase: () => value.toUpperCase(),
    // String.trim() takes everything up to the space character, unlike JavaScript's.
    trim: () => value.replace(/^[\0-\x20]+|[\0-\x20]+$/g, ""),
    replace: withTexts((from, to) => value.replaceAll(from, () => to)),
    replaceAll: withTexts((pattern, to) => value.replace(javaRegExp(pattern, "g"), javaReplacement(to))),
    replaceFirst: withTexts((pattern, to) => value.replace(javaRegExp(pattern), javaReplacement(to))),
    matches: withText((pattern) => javaRegExp(`^(?:${pattern})$`).test(value)),
    split: withText((pattern) => {
      const parts = value.split(javaRegExp(pattern));
      while (parts.length > 1 && parts.at(-1) === "") parts.pop();
      return new JavaList(parts);
    }),
  };
}

function itemAt({ items }: JavaList, index: JavaValue): JavaValue {
  if (typeof index !== "bigint") return null;
  if (index >= 0n && index < items.length) return items[Number(index)];
  throw new TemplateFault(`Index: ${index}, Size: ${items.length}`);
}

/** A method that takes a text: with anything else there is no such method, with null it throws. */
function withText(work: (text: string) => JavaValue): JavaMethod {
  return (parameter) => (isText(parameter) ? work(parameter) : null);
}

/** `indexOf` also takes a character by its number. */
function asCharacter(parameter: JavaValue): JavaValue {
  return typeof parameter === "bigint" ? String.fromCodePoint(Number(parameter)) : parameter;
}

function withTexts(work: (one: string, other: string) => JavaValue): JavaMethod {
  return (one, other) => (isText(one) && isText(other) ? work(one, other) : null);
}

function withWhole(work: (number: bigint) => JavaValue): JavaMethod {
  return (parameter) => (typeof parameter === "bigint" ? work(parameter) : null);
}

function isText(parameter: JavaValue): parameter is string {
  if (parameter === null || parameter === undefined) throw new TemplateFault("NullPointerException");
  return typeof parameter === "string";
}
