/**
 * Completion scripts, made from the table of commands.
 *
 * @module
 */
import { type ArgumentSpec, type Command, optionsOf, type OptionSpec } from "./command.ts";

/** Shells that scripts are made for. */
export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;
/** One of the shells. */
export type Shell = typeof SHELLS[number];

/** What may follow some words. */
interface Node {
  /** The words so far, joined by a blank; empty at the beginning. */
  readonly words: string;
  /** The next words of commands, with a summary when the command ends there. */
  readonly next: Map<string, string>;
  readonly options: readonly OptionSpec[];
  readonly choices: readonly string[];
}

function choicesOf(args: readonly ArgumentSpec[] = []): readonly string[] {
  return args[0]?.choices ?? [];
}

/** Every beginning of a command, with what may follow it. */
function completionNodes(commands: readonly Command[]): Node[] {
  const nodes = new Map<string, Node>();
  const nodeOf = (words: string): Node => {
    const node = nodes.get(words) ?? { words, next: new Map(), options: [], choices: [] };
    nodes.set(words, node);
    return node;
  };
  for (const command of commands) {
    for (const path of [command.path, ...command.aliases ?? []]) {
      for (const [i, word] of path.entries()) {
        const { next } = nodeOf(path.slice(0, i).join(" "));
        const summary = i === path.length - 1 ? command.summary : `commands on ${word}`;
        if (!next.has(word) || i === path.length - 1) next.set(word, summary);
      }
      const name = path.join(" ");
      const options = optionsOf(command);
      nodes.set(name, { ...nodeOf(name), options, choices: choicesOf(command.arguments) });
    }
  }
  return [...nodes.values()];
}

const flagsOf = (options: readonly OptionSpec[]) => options.map(({ name }) => `--${name}`);
const quote = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;

/** Every option that takes a value, by name: completed as one of its choices, or as a file. */
function valueOptions(commands: readonly Command[]): OptionSpec[] {
  const all = commands.flatMap((command) => optionsOf(command));
  const valued = all.filter(({ kind }) => kind !== "boolean");
  return [...new Map(valued.map((option) => [option.name, option])).values()];
}

function renderBash(commands: readonly Command[]): string {
  const cases = completionNodes(commands).map(({ words, next, options, choices }) => {
    const candidates = [...next.keys(), ...choices, ...flagsOf(options)].join(" ");
    return `    ${quote(words)}) candidates=${quote(candidates)} ;;`;
  });
  const values = valueOptions(commands).map(({ name, choices }) =>
    choices === undefined
      ? `    --${name}) COMPREPLY=($(compgen -f -- "$current")); return ;;`
      : `    --${name}) COMPREPLY=($(compgen -W ${
        quote(choices.join(" "))
      } -- "$current")); return ;;`
  );
  const known = completionNodes(commands).map(({ words }) => quote(words)).join("|");
  return `# bash completion for sms-bridge
_sms_bridge() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="" candidates="" word longer i
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join("\n")}
  esac
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    longer="\${words:+$words }$word"
    case "$longer" in
      ${known}) words="$longer" ;;
    esac
  done
  case "$words" in
${cases.join("\n")}
  esac
  COMPREPLY=($(compgen -W "$candidates" -- "$current"))
}
complete -F _sms_bridge sms-bridge
`;
}

function renderZsh(commands: readonly Command[]): string {
  const described = (word: string, meaning: string) =>
    quote(`${word.replaceAll(":", "\\:")}:${meaning}`);
  const nodes = completionNodes(commands);
  const cases = nodes.map(({ words, next, options, choices }) => {
    const entries = [
      ...[...next].map(([word, meaning]) => described(word, meaning)),
      ...choices.map((choice) => described(choice, "")),
      ...options.map(({ name, meaning }) => described(`--${name}`, meaning)),
    ];
    return `    ${quote(words)}) candidates=(${entries.join(" ")}) ;;`;
  });
  const values = valueOptions(commands).map(({ name, choices }) =>
    `    --${name}) ${
      choices === undefined ? "_files" : `compadd -- ${choices.join(" ")}`
    }; return ;;`
  );
  return `#compdef sms-bridge
_sms_bridge() {
  local words_so_far="" word longer
  local -a candidates
  case "\${words[CURRENT-1]}" in
${values.join("\n")}
  esac
  for word in "\${(@)words[2,CURRENT-1]}"; do
    longer="\${words_so_far:+$words_so_far }$word"
    case "$longer" in
      ${nodes.map(({ words }) => quote(words)).join("|")}) words_so_far="$longer" ;;
    esac
  done
  case "$words_so_far" in
${cases.join("\n")}
  esac
  _describe 'sms-bridge' candidates
}
if [ "$funcstack[1]" = "_sms_bridge" ]; then _sms_bridge "$@"; else compdef _sms_bridge sms-bridge; fi
`;
}

/** In fish a quoted text knows the escapes of backslash and quote only. */
const fishQuote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function renderFish(commands: readonly Command[]): string {
  const nodes = completionNodes(commands);
  const lines = nodes.flatMap(({ words, next, options, choices }) => {
    const when = `complete -c sms-bridge -n ${fishQuote(`__sms_bridge_at ${fishQuote(words)}`)}`;
    return [
      ...[...next].map(([word, meaning]) => `${when} -f -a ${word} -d ${fishQuote(meaning)}`),
      ...choices.map((choice) => `${when} -f -a ${choice}`),
      ...options.map(({ name, short, kind, meaning, choices }) => {
        const value = kind === "boolean"
          ? ""
          : choices === undefined
          ? " -r"
          : ` -x -a ${fishQuote(choices.join(" "))}`;
        const letter = short === undefined ? "" : ` -s ${short}`;
        return `${when} -l ${name}${letter}${value} -d ${fishQuote(meaning)}`;
      }),
    ];
  });
  return `# fish completion for sms-bridge
function __sms_bridge_at
  set -l at ""
  for word in (commandline -opc)[2..-1]
    set -l longer (string trim -- "$at $word")
    if contains -- "$longer" ${nodes.map(({ words }) => fishQuote(words)).join(" ")}
      set at "$longer"
    end
  end
  test "$at" = "$argv[1]"
end
${lines.join("\n")}
`;
}

function renderPowershell(commands: readonly Command[]): string {
  const quoted = (text: string) => `'${text.replaceAll("'", "''")}'`;
  const entries = completionNodes(commands).map(({ words, next, options, choices }) => {
    const candidates = [...next.keys(), ...choices, ...flagsOf(options)].map(quoted).join(", ");
    return `    ${quoted(words)} = @(${candidates})`;
  });
  const values = valueOptions(commands).flatMap(({ name, choices = [] }) =>
    choices.length === 0 ? [] : [`    '--${name}' = @(${choices.map(quoted).join(", ")})`]
  );
  return `# PowerShell completion for sms-bridge
Register-ArgumentCompleter -Native -CommandName 'sms-bridge' -ScriptBlock {
  param($wordToComplete, $commandAst, $cursorPosition)
  $candidates = @{
${entries.join("\n")}
  }
  $values = @{
${values.join("\n")}
  }
  $at = ''
  $last = ''
  foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
    if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete) { break }
    $longer = "$at $element".Trim()
    if ($candidates.ContainsKey($longer)) { $at = $longer }
    $last = "$element"
  }
  $offered = if ($values.ContainsKey($last)) { $values[$last] } else { $candidates[$at] }
  $offered | Where-Object { $_ -like "$wordToComplete*" } | ForEach-Object {
    [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_)
  }
}
`;
}

const RENDER: Record<Shell, (commands: readonly Command[]) => string> = {
  bash: renderBash,
  zsh: renderZsh,
  fish: renderFish,
  powershell: renderPowershell,
};

/** The completion script of a shell. */
export function renderCompletions(shell: Shell, commands: readonly Command[]): string {
  return RENDER[shell](commands);
}
