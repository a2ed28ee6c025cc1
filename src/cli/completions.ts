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

/** What the program itself is asked for when it is to be completed: `sms-bridge completions --values KIND`. */
export const VALUE_KINDS = ["accounts", "codes", "ids", "numbers", "settings", "topics"] as const;
/** One of them. */
export type ValueKind = typeof VALUE_KINDS[number];

/** What stands for a value in help, and what completes it; nothing completes the others. */
const KINDS: Readonly<Record<string, ValueKind | "files">> = {
  CODE: "codes",
  DIR: "files",
  FILE: "files",
  ID: "ids",
  NUMBER: "numbers",
  PATH: "settings",
  TARGET: "numbers",
};

function kindOf({ name, value }: OptionSpec): ValueKind | "files" | undefined {
  return name === "account" ? "accounts" : KINDS[value ?? ""];
}

/** What may follow some words. */
interface Node {
  /** The words so far, joined by a blank; empty at the beginning. */
  readonly words: string;
  /** The next words of commands, with a summary when the command ends there. */
  readonly next: Map<string, string>;
  readonly options: readonly OptionSpec[];
  readonly choices: readonly string[];
  /** What completes its first argument. */
  readonly values?: ValueKind | "files" | undefined;
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
      const choices = choicesOf(command.arguments);
      const values = KINDS[command.arguments?.[0]?.name ?? ""];
      nodes.set(name, { ...nodeOf(name), options, choices, values });
    }
  }
  nodeOf("").next.set("help", "show help on a command, or a chapter of README");
  nodes.set("help", { ...nodeOf("help"), values: "topics" });
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

/** What a value is completed with, as a line of a shell; nothing where nobody knows. */
function valueLine(
  option: OptionSpec,
  shell: { choices(list: string): string; files: string; values(kind: ValueKind): string },
): string {
  if (option.choices !== undefined) return shell.choices(option.choices.join(" "));
  const kind = kindOf(option);
  return kind === undefined ? "" : kind === "files" ? shell.files : shell.values(kind);
}

/** Options that say which bridge is meant: what is asked for values is given them too. */
const PASSED = "--account|--config|--state-dir";

function renderBash(commands: readonly Command[]): string {
  const nodes = completionNodes(commands);
  const cases = nodes.map(({ words, next, options, choices, values }) => {
    const candidates = [...next.keys(), ...choices].join(" ");
    const flags = flagsOf(options).join(" ");
    const kind = values === undefined ? "" : ` values=${values}`;
    return `    ${quote(words)}) candidates=${quote(candidates)} flags=${quote(flags)}${kind} ;;`;
  });
  const shell = {
    choices: (list: string) => `COMPREPLY=($(compgen -W ${quote(list)} -- "$current"));`,
    files: "_sms_bridge_values files;",
    values: (kind: ValueKind) => `_sms_bridge_values ${kind};`,
  };
  const values = valueOptions(commands)
    .map((option) => `    --${option.name}) ${valueLine(option, shell)} return ;;`);
  return `# bash completion for sms-bridge
_sms_bridge_values() {
  local IFS=$'\\n'
  if [ "$1" = files ]; then
    compopt -o filenames 2>/dev/null
    COMPREPLY+=($(compgen -f -- "$current"))
  else
    COMPREPLY+=($(compgen -W "$("\${COMP_WORDS[0]/#\~/$HOME}" completions --values "$1" "\${passed[@]}" 2>/dev/null | cut -f1)" -- "$current"))
  fi
}
_sms_bridge() {
  local current="\${COMP_WORDS[COMP_CWORD]}" words="" candidates="" flags="" values="" word longer i
  local -a passed=()
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    word="\${COMP_WORDS[i]}"
    longer="\${words:+$words }$word"
    case "$word" in
      ${PASSED}) [ $((i + 1)) -lt $COMP_CWORD ] && passed+=("$word" "\${COMP_WORDS[i+1]}") ;;
    esac
    case "$longer" in
      ${nodes.map(({ words }) => quote(words)).join("|")}) words="$longer" ;;
    esac
  done
  case "\${COMP_WORDS[COMP_CWORD-1]}" in
${values.join("\n")}
  esac
  case "$words" in
${cases.join("\n")}
  esac
  if [ -n "$values" ] && [[ "$current" != -* ]]; then
    _sms_bridge_values "$values"
    flags=""
  fi
  COMPREPLY+=($(compgen -W "$candidates $flags" -- "$current"))
}
complete -F _sms_bridge sms-bridge
`;
}

function renderZsh(commands: readonly Command[]): string {
  const described = (word: string, meaning: string) =>
    quote(`${word.replaceAll(":", "\\:")}:${meaning}`);
  const nodes = completionNodes(commands);
  const cases = nodes.map(({ words, next, options, choices, values }) => {
    const entries = [
      ...[...next].map(([word, meaning]) => described(word, meaning)),
      ...choices.map((choice) => described(choice, "")),
      ...options.map(({ name, meaning }) => described(`--${name}`, meaning)),
    ];
    const kind = values === undefined ? "" : ` kind=${values}`;
    return `    ${quote(words)}) candidates=(${entries.join(" ")})${kind} ;;`;
  });
  const shell = {
    choices: (list: string) => `compadd -- ${list};`,
    files: "_files;",
    values: (kind: ValueKind) => `_sms_bridge_values ${kind};`,
  };
  const values = valueOptions(commands)
    .map((option) => `    --${option.name}) ${valueLine(option, shell)} return ;;`);
  return `#compdef sms-bridge
_sms_bridge_values() {
  local value meaning
  local -a offered shown
  if [[ $1 = files ]]; then _files; return; fi
  while IFS=$'\\t' read -r value meaning; do
    offered+=("$value")
    shown+=("\${meaning:-$value}")
  done < <("\${(e)words[1]/#\\~/$HOME}" completions --values "$1" "\${passed[@]}" 2>/dev/null)
  compadd -l -d shown -a offered
}
_sms_bridge() {
  local words_so_far="" word longer kind="" i
  local -a candidates passed
  for ((i = 2; i < CURRENT - 1; i++)); do
    case "\${words[i]}" in
      ${PASSED}) passed+=("\${words[i]}" "\${words[i+1]}") ;;
    esac
  done
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
  if [[ -n $kind && \${words[CURRENT]} != -* ]]; then _sms_bridge_values $kind; return; fi
  _describe 'sms-bridge' candidates
}
if [ "$funcstack[1]" = "_sms_bridge" ]; then _sms_bridge "$@"; else compdef _sms_bridge sms-bridge; fi
`;
}

/** In fish a quoted text knows the escapes of backslash and quote only. */
const fishQuote = (text: string) => `'${text.replaceAll("\\", "\\\\").replaceAll("'", "\\'")}'`;

function renderFish(commands: readonly Command[]): string {
  const offer = (kind: ValueKind | "files") =>
    kind === "files" ? "-F" : `-f -a '(__sms_bridge_values ${kind})'`;
  const nodes = completionNodes(commands);
  const lines = nodes.flatMap(({ words, next, options, choices, values }) => {
    const when = `complete -c sms-bridge -n ${fishQuote(`__sms_bridge_at ${fishQuote(words)}`)}`;
    return [
      ...[...next].map(([word, meaning]) => `${when} -f -a ${word} -d ${fishQuote(meaning)}`),
      ...choices.map((choice) => `${when} -f -a ${choice}`),
      ...(values === undefined ? [] : [`${when} ${offer(values)}`]),
      ...options.map((option) => {
        const { name, short, kind, meaning, choices } = option;
        const values = kindOf(option);
        const value = kind === "boolean"
          ? ""
          : choices !== undefined
          ? ` -x -a ${fishQuote(choices.join(" "))}`
          : values === undefined
          ? " -x"
          : ` -r ${offer(values)}`;
        const letter = short === undefined ? "" : ` -s ${short}`;
        return `${when} -l ${name}${letter}${value} -d ${fishQuote(meaning)}`;
      }),
    ];
  });
  return `# fish completion for sms-bridge
function __sms_bridge_values
  set -l given (commandline -opc)
  set -l passed
  for i in (seq 2 (math (count $given) - 1))
    switch $given[$i]
      case ${PASSED.replaceAll("|", " ")}
        set -a passed $given[$i] $given[(math $i + 1)]
    end
  end
  eval $given[1] completions --values $argv[1] (string escape -- $passed) 2>/dev/null
end
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
  const kinds = [
    ...completionNodes(commands).map(({ words, values }) => [words, values] as const),
    ...valueOptions(commands).map((option) => [`--${option.name}`, kindOf(option)] as const),
  ].flatMap(([words, kind]) =>
    kind === undefined || kind === "files" ? [] : [`    ${quoted(words)} = ${quoted(kind)}`]
  );
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
  $kinds = @{
${kinds.join("\n")}
  }
  $at = ''
  $last = ''
  foreach ($element in ($commandAst.CommandElements | Select-Object -Skip 1)) {
    if ($element.Extent.EndOffset -ge $cursorPosition -and $wordToComplete) { break }
    $longer = "$at $element".Trim()
    if ($candidates.ContainsKey($longer)) { $at = $longer }
    $last = "$element"
  }
  $kind = if ($kinds.ContainsKey($last)) { $kinds[$last] } elseif (-not $wordToComplete.StartsWith('-')) { $kinds[$at] }
  $offered = if ($values.ContainsKey($last)) { $values[$last] }
    elseif ($kind) { & sms-bridge completions --values $kind 2>$null | ForEach-Object { ($_ -split "\`t")[0] } }
    else { $candidates[$at] }
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
