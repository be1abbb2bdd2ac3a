import { Argument, type Command, type Option } from "commander";
import type { DefineCommand } from "./command-line.js";
import { withExamples } from "./help.js";

/** The shells that commands can be completed in. */
const shells = ["bash", "zsh", "fish"] as const;
type Shell = (typeof shells)[number];

/**
 * `completion <shell>`: a script that makes the npm script a command of the shell, and completes its commands and options.
 *
 * The script knows all words itself. One that asks the program at each key would wait for Node and TypeScript to start.
 */
export const defineCompletion: DefineCommand = (program, action) => {
  const script = scriptOf(program);
  const command = program
    .command("completion")
    .description(`Print a script that makes \`${script}\` a command of your shell, and completes it.`)
    .addArgument(new Argument("<shell>", "the shell").choices(shells))
    .action(
      action(async ({ console }, shell: Shell) => {
        console.bytes(completionScript(program, shell));
        return undefined;
      }),
    );
  const file = `~/.${script}-completion`;
  withExamples(command, `${program.name()} completion bash > ${file}; echo '. ${file}' >> ~/.bashrc`);
};

/** The npm script of `npm run ops --`. */
function scriptOf(program: Command): string {
  return program.name().split(" ")[2] ?? program.name();
}

/** The words that can follow the words typed so far. */
interface Place {
  /** Names of commands: `secret set`. Empty at the start. */
  readonly path: string;
  readonly words: readonly Word[];
}

interface Word {
  readonly word: string;
  readonly description: string;
}

/** Values of an option, which follow its name. */
interface Values {
  readonly path: string;
  readonly flag: string;
  /** Undefined: a file, or anything else. */
  readonly choices: readonly string[] | undefined;
}

function completionScript(program: Command, shell: Shell): string {
  const places = placesOf(program, []);
  const values = valuesOf(program, []);
  const run = `npm --prefix ${quoted(process.cwd())} run --silent ${scriptOf(program)} --`;
  return { bash, zsh, fish }[shell](scriptOf(program), run, places, values);
}

function placesOf(command: Command, path: readonly string[]): Place[] {
  const choices = command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
  const words = [
    ...command.commands.map((each) => ({ word: each.name(), description: each.description() })),
    ...choices.map((word) => ({ word, description: "" })),
    ...command.options.flatMap(({ long, description }) => (long == null ? [] : { word: long, description })),
    { word: "--help", description: "what it does, and how" },
  ];
  return [
    { path: path.join(" "), words },
    ...command.commands.flatMap((each) => placesOf(each, [...path, each.name()])),
  ];
}

function valuesOf(command: Command, path: readonly string[]): Values[] {
  const takesValue = ({ required, optional }: Option) => required || optional;
  return [
    ...command.options
      .filter(takesValue)
      .flatMap(({ long, argChoices }) =>
        long == null ? [] : { path: path.join(" "), flag: long, choices: argChoices },
      ),
    ...command.commands.flatMap((each) => valuesOf(each, [...path, each.name()])),
  ];
}

/** Quotes a text for a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Cases of a shell's `case`, one for each place and each option with a value. */
function cases(
  places: readonly Place[],
  values: readonly Values[],
  reply: (words: readonly Word[]) => string,
) {
  return {
    ofValues: values.map(
      ({ path, flag, choices }) =>
        `    ${quoted(`${path} ${flag}`)}) ${choices === undefined ? "return" : reply(choices.map((word) => ({ word, description: "" })))};;`,
    ),
    ofPlaces: places.map(({ path, words }) => `    ${quoted(path)}) ${reply(words)};;`),
    names: places.map(({ path }) => path).filter((path) => path !== ""),
  };
}

/** Lines, common to bash and zsh, that find out which command is asked for. */
function findPath(words: string, first: number, names: readonly string[]): string[] {
  return [
    `  local where="" word i`,
    `  for ((i = ${first}; i < ${words === "words" ? "CURRENT" : "COMP_CWORD"}; i++)); do`,
    `    word="\${${words}[i]}"`,
    `    case "\${where:+$where }$word" in`,
    `      ${names.map(quoted).join("|")}) where="\${where:+$where }$word";;`,
    "    esac",
    "  done",
  ];
}

function bash(script: string, run: string, places: readonly Place[], values: readonly Values[]): string {
  const reply = (words: readonly Word[]) =>
    `COMPREPLY=($(compgen -W ${quoted(words.map(({ word }) => word).join(" "))} -- "$current"))`;
  const { ofValues, ofPlaces, names } = cases(places, values, reply);
  return [
    `${script}() { ${run} "$@"; }`,
    `_${script}() {`,
    `  local current="\${COMP_WORDS[COMP_CWORD]}"`,
    ...findPath("COMP_WORDS", 1, names),
    "  COMPREPLY=()",
    `  case "$where \${COMP_WORDS[COMP_CWORD-1]}" in`,
    ...ofValues,
    '  *) case "$where" in',
    ...ofPlaces,
    "  esac;;",
    "  esac",
    "}",
    `complete -o default -F _${script} ${script}`,
    "",
  ].join("\n");
}

function zsh(script: string, run: string, places: readonly Place[], values: readonly Values[]): string {
  const reply = (words: readonly Word[]) => {
    const described = words.map(({ word, description }) =>
      quoted(`${word.replaceAll(":", "\\:")}${description === "" ? "" : `:${description}`}`),
    );
    return `replies=(${described.join(" ")}); _describe ${quoted(script)} replies`;
  };
  const { ofValues, ofPlaces, names } = cases(places, values, reply);
  return [
    `${script}() { ${run} "$@"; }`,
    `_${script}() {`,
    "  local -a replies",
    ...findPath("words", 2, names),
    `  case "$where \${words[CURRENT-1]}" in`,
    ...ofValues.map((line) => line.replace(") return;;", ") _files;;")),
    '  *) case "$where" in',
    ...ofPlaces,
    "  esac;;",
    "  esac",
    "}",
    `compdef _${script} ${script}`,
    "",
  ].join("\n");
}

function fish(script: string, run: string, places: readonly Place[], values: readonly Values[]): string {
  const seen = (path: string) => {
    const words = path.split(" ").filter((word) => word !== "");
    const nested = places
      .map((place) => place.path)
      .filter((other) => other !== "" && (path === "" ? !other.includes(" ") : other.startsWith(`${path} `)))
      .map((other) => other.split(" ").at(-1));
    const isSeen = words.map((word) => `__fish_seen_subcommand_from ${word}`);
    const isNotFurther = nested.length === 0 ? [] : [`not __fish_seen_subcommand_from ${nested.join(" ")}`];
    return quoted([...isSeen, ...isNotFurther].join("; and "));
  };
  const choicesOf = (path: string, flag: string) =>
    values.find((value) => value.path === path && value.flag === flag);
  const lines = places.flatMap(({ path, words }) =>
    words.map(({ word, description }) => {
      const about = description === "" ? "" : ` -d ${quoted(description)}`;
      if (!word.startsWith("--"))
        return `complete -c ${script} -f -n ${seen(path)} -a ${quoted(word)}${about}`;
      const value = choicesOf(path, word);
      const rest =
        value === undefined
          ? ""
          : value.choices === undefined
            ? " -r"
            : ` -x -a ${quoted(value.choices.join(" "))}`;
      return `complete -c ${script} -n ${seen(path)} -l ${word.slice(2)}${rest}${about}`;
    }),
  );
  return [`function ${script}; ${run} $argv; end`, ...lines, ""].join("\n");
}
