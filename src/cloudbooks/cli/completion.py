"""`cloudbooks completion`: the script that makes a shell ask CloudBooks what may come next."""

from __future__ import annotations

from typing import Annotated

import typer

from cloudbooks.cli.completing import SHELLS
from cloudbooks.cli.face import Face
from cloudbooks.cli.output import Answer, emit
from cloudbooks.cli.usage import choice

SCRIPTS = {
    "bash": r"""# cloudbooks completion for bash: eval "$(cloudbooks completion bash)"
_cloudbooks_complete() {
    local IFS=$'\n' line
    COMPREPLY=()
    for line in $("${COMP_WORDS[0]}" completion-words bash "$((COMP_CWORD - 1))" "${COMP_WORDS[@]:1}" 2>/dev/null); do
        if [ "$line" = "@file" ]; then
            compopt -o filenames 2>/dev/null
            COMPREPLY+=($(compgen -f -- "${COMP_WORDS[COMP_CWORD]}"))
        else
            COMPREPLY+=("$(printf '%q' "$line")")
        fi
    done
}
complete -F _cloudbooks_complete cloudbooks cb
""",
    "zsh": r"""#compdef cloudbooks cb
# cloudbooks completion for zsh: source <(cloudbooks completion zsh)
_cloudbooks() {
    local -a described
    local line
    for line in "${(@f)$("${words[1]}" completion-words zsh "$((CURRENT - 2))" "${(@)words[2,-1]}" 2>/dev/null)}"; do
        if [[ "$line" == "@file" ]]; then
            _files
        elif [[ -n "$line" ]]; then
            described+=("${${line%%$'\t'*}//:/\\:}${${line#*$'\t'}:+:${line#*$'\t'}}")
        fi
    done
    (( ${#described} )) && _describe 'cloudbooks' described
}
compdef _cloudbooks cloudbooks cb
""",
    "fish": r"""# cloudbooks completion for fish: cloudbooks completion fish | source
function __cloudbooks_complete
    set -l tokens (commandline -opc) (commandline -ct)
    set -l index (math (count $tokens) - 2)
    for line in ($tokens[1] completion-words fish $index $tokens[2..-1] 2>/dev/null)
        if test "$line" = "@file"
            __fish_complete_path (commandline -ct)
        else
            echo $line
        end
    end
end
complete -c cloudbooks -f -a '(__cloudbooks_complete)'
complete -c cb -f -a '(__cloudbooks_complete)'
""",
}


def completion(
    ctx: typer.Context,
    shell: Annotated[str, typer.Argument(metavar="SHELL", help="bash, zsh or fish.")],
) -> int:
    """Print the completion script of a shell."""
    face: Face = ctx.obj
    script = SCRIPTS[choice("SHELL", shell, SHELLS)]
    return emit(
        face,
        Answer(
            "completion",
            data=lambda: {"shell": shell, "script": script},
            lines=lambda: script.rstrip("\n").split("\n"),
        ),
    )
