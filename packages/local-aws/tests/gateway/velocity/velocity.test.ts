// biome-ignore-all lint/suspicious/noTemplateCurlyInString: Velocity's references look like JavaScript's
import { describe, expect, it } from "vitest";
import { JavaList, type JavaValue } from "../../../gateway/velocity/java-values.js";
import { compileTemplate } from "../../../gateway/velocity/velocity.js";

const variables = (): Map<string, JavaValue> =>
  new Map<string, JavaValue>([
    [
      "map",
      new Map([
        ["a", "1"],
        ["b", "2"],
      ]),
    ],
    ["list", new JavaList(["x", "y"])],
    ["str", "abc"],
    ["empty", ""],
    ["zero", 0n],
    ["big", 12345678901n],
    ["dbl", 1.5],
    ["f", false],
    ["t", true],
  ]);

const render = (template: string) => compileTemplate(template).render(variables());

describe("a template renders as on Apache Velocity 1.7", () => {
  // Template and output, as Velocity 1.7 on a JVM gave it with the same variables.
  const recorded: [string, string][] = [
    ["a $str b", "a abc b"],
    ["${str}x $!{str}z $str. $str...", "abcx abcz abc. abc..."],
    ["\\$str \\\\$str", "$str \\abc"],
    ["$5 and # and $ end", "$5 and # and $ end"],
    ["#set($x = 1)\nnext", "next"],
    ["  #set($x = 1)  \nnext", "next"],
    ["a #set($x = 1) b", "a  b"],
    ["#set($x=1)#set($y=2)$x$y", "12"],
    ["## comment\nnext", "next"],
    ["x## comment\nnext", "xnext"],
    ["#* multi\n line *#\nnext", "\nnext"],
    ["#[[raw $str #if]]#", "raw $str #if"],
    ["%7B%22v%22%3A1##\n%2C%22x%22", "%7B%22v%22%3A1%2C%22x%22"],
    ["#if($t)\nyes\n#else\nno\n#end\nafter", "yes\nafter"],
    ["  #if($t)\n  yes\n  #end\n  after", "    yes\n    after"],
    ["#if($f) a #elseif($t) b #else c #end", " b "],
    ["#if($t)#if($f)1#{else}2#end#end", "2"],
    ["#if($empty)T#{else}F#end #if($zero)T#{else}F#end #if($list)T#{else}F#end", "T T T"],
    ["#if($undefined)T#{else}F#end #if($f)T#{else}F#end", "F F"],
    ['#if("1" == 1)T#{else}F#end #if($zero == "")T#{else}F#end', "T F"],
    ['#if($undefined == $undefined2)T#{else}F#end #if($undefined == "")T#{else}F#end', "T F"],
    ["#if($t == \"true\")T#end #if($str != 'abd')T#end #if($f == false)T#end", "T T T"],
    ["#if($str && !$f)T#end #if(!($f || $t))T#{else}F#end #if(not $f)T#end", "T F T"],
    ["#if(1 < 2 and 2 >= 2)T#end #if($big > 5)T#end #if($undefined.foo > 3)T#{else}F#end", "T T F"],
    ["#set($q = 5 / 2)$q|#set($q = 5 % 2)$q", "2|1"],
    ["#set($x = (1 + 2) * 3)$x|#set($n = -1)$n|#set($x = 3.0)$x|$dbl", "9|-1|3.0|1.5"],
    ['#set($q = "a" + 1)$q|#set($q = "a" + "b")$q', "a1|ab"],
    ["#set($x = 9999999999)$x $big", "9999999999 12345678901"],
    ["#foreach($i in [1..3])$i#if($foreach.hasNext),#end#end", "1,2,3"],
    ["#foreach($i in [1..3])\n$i\n#end\n.", "1\n2\n3\n."],
    ["#foreach($i in $list)$foreach.index/$foreach.count/$velocityCount #end", "0/1/1 1/2/2 "],
    ["#foreach($i in $list)#foreach($j in $list)$i$j#if($foreach.parent.hasNext)+#end#end#end", "xx+xy+yxyy"],
    ["#foreach($i in [1..5])#if($i == 3)#break#end$i#end", "12"],
    ["#foreach($e in $map)$e;#end", "1;2;"],
    ["#foreach($e in $map.entrySet())$e.key=$e.value;#end$map.entrySet()", "a=1;b=2;[a=1, b=2]"],
    ["#set($a = [])#foreach($i in $a)x#end.", "."],
    ["a#stop b", "a"],
    ["#define($d)def $str#end$d$d", "def abcdef abc"],
    ["$map $list $map.keySet()", "{a=1, b=2} [x, y] [a, b]"],
    ["$map.a $map.get(\"b\") $map['a'] $map.size() $map.isEmpty()", "1 2 1 2 false"],
    [
      "$list.get(0) $list[1] $list.size() $list.isEmpty() $list.contains('x') $list.empty",
      "x y 2 false true false",
    ],
    ["#set($map.c = 'v')$map|#set($map['d'] = 'w')$map", "{a=1, b=2, c=v}|{a=1, b=2, c=v, d=w}"],
    ["#set($ok = $list.add('z'))$ok $list", "true [x, y, z]"],
    ['#set($m = {"k": "v", \'n\': 2})$m.k $m.n $m', "v 2 {k=v, n=2}"],
    ['#set($l = ["a", 2, $str])$l|#set($r = [3..1])$r', "[a, 2, abc]|[3, 2, 1]"],
    ["#set($x = [1, [2, 3]])$x[1][0]", "2"],
    ["$str.length() > 2", "3 > 2"],
    ["#if($str.length() > 2 && $str.length() < 10)T#end", "T"],
    ["#set($x = $str.length() + 1)$x", "4"],
    ["$str.replaceAll('b','X') $str.replaceAll(\"\\\\'\", \"'\") $str.substring(1)", "aXc abc bc"],
    [
      "$str.toUpperCase() $str.contains(\"b\") $str.indexOf('c') $str.charAt(1) $str.concat('d')",
      "ABC true 2 b abcd",
    ],
    ["#if($str.equals(\"abc\"))T#end $str.split('b').size() $str.split('b')[1] $dbl.intValue()", "T 2 c 1"],
    ["#set($x = 7)$x.toString().length()", "1"],
    ["#set($x = \"hi $str ${str}x\")$x|#set($x = 'hi $str')$x", "hi abc abcx|hi $str"],
    ['#set($s = "#if($t)in#end")$s', "in"],
    ["#set($a-b = 3)$a-b ${a-b}", "3 3"],
    [
      "[$!str.get('x')][$!list.get('x')][$!big.get('x')][$!t.get('a')][$!dbl.foo()][$!map.get('a').get('b').get('c')]",
      "[][][][][][]",
    ],
    [
      "[$!list.get('0')][$!str.substring('1')][$!str.contains(1)] $str.hashCode() $str.indexOf(98)",
      "[][][] 96354 1",
    ],
    ['#set($found = "")#set($found = $str.get("q"))[$found]', "[]"],
    ['#if($f){"a":1}#else{"b":"$str"}#end', '{"b":"abc"}'],
    ['#set($b="x")#set($s=-5)#set($e = "${b}-${s}-${b}")$e', "x--5-x"],
  ];

  it.each(recorded)("%j", (template, output) => {
    expect(render(template)).toBe(output);
  });
});

describe("a template", () => {
  it("prints nothing for what is not there, unlike Velocity on its own", () => {
    expect(render("[$nope|${nope}|$nope.a.b()|$map.zzz|$str.length]")).toBe("[||||]");
  });

  it("never renders what a value contains", () => {
    const hostile = "$util #set($x = 1) #end ${str}";

    expect(compileTemplate("$v|$v").render(new Map([["v", hostile]]))).toBe(`${hostile}|${hostile}`);
  });

  it("keeps a null on the right of #set from changing the variable", () => {
    expect(render("#set($x = 3)#set($x = $nope)$x")).toBe("3");
  });

  it("goes through a loop 1000 times at most", () => {
    expect(render("#foreach($i in [1..1200])x#end")).toHaveLength(1000);
    const long = new JavaList(Array.from({ length: 1200 }, () => "y"));
    expect(compileTemplate("#foreach($i in $l)$i#end").render(new Map([["l", long]]))).toHaveLength(1000);
  });

  it.each([
    ["a list", "#set($r = $l)"],
    ["a range", "#set($r = [1..1001])"],
  ])("tells in the last of 1000 turns that %s goes on", (_, set) => {
    const variables = () => new Map([["l", new JavaList(Array.from({ length: 1001 }, () => "y"))]]);
    const rendered = compileTemplate(
      `${set}#foreach($i in $r)#if($foreach.hasNext),#end#end|$r.size()`,
    ).render(variables());
    expect(rendered).toBe(`${",".repeat(1000)}|1001`);
  });

  it.each([
    ["#if($t)x", "needs one #end"],
    ["#end x", "needs one #end"],
    ["#if($t)#if($t)#end x", "needs one #end"],
    ["#macro(m $p)$p#end", "#macro is not a directive"],
    ["#include('x')", "#include is not a directive"],
    ["#set($x = ", "Parse error"],
  ])("is refused when it is written %j", (template, message) => {
    expect(() => compileTemplate(template)).toThrow(message);
  });

  it("is refused above 300 KB", () => {
    expect(() => compileTemplate("x".repeat(300 * 1024))).not.toThrow();
    expect(() => compileTemplate("x".repeat(300 * 1024 + 1))).toThrow("307201 bytes");
  });

  it("fails on a method that the gateway does not have, rather than print nothing", () => {
    expect(() => render("$str.codePointAt(0)")).toThrow("no String.codePointAt()");
    expect(() => render("$map.getClass()")).toThrow("no Map.getClass()");
  });

  it.each([
    "$str.concat($nope)",
    "$list[5]",
    "$list.get(-1)",
    "$str.substring(9)",
    "$str.replaceAll('b', '[$1]')",
  ])("fails where Java throws: %s", (template) => {
    expect(() => render(template)).toThrow();
  });
});
