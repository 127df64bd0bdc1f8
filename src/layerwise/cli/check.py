"""layerwise check"""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from layerwise.cli import option
from layerwise.cli.show import show_json
from layerwise.report.label import printable

if TYPE_CHECKING:
    from layerwise.grading import Verdict

LIMITS, REPORT = "What is run", "What is told"
STYLES = {"right": "bold green", "wrong": "bold red", "not done yet": "bold yellow"}


def check(
    file: Annotated[Path, typer.Argument(metavar="FILE.py", help="Holds functions by a course's names.", show_default=False)],
    names: Annotated[
        list[str] | None,
        typer.Option(
            "--as", metavar="NAME=FUNCTION", help="Check this function as that of the course; may be repeated.", rich_help_panel=LIMITS
        ),
    ] = None,
    only: Annotated[str | None, typer.Option(metavar="NAME,...", help="Check these alone.", rich_help_panel=LIMITS)] = None,
    time_limit: Annotated[float, typer.Option(metavar="S", help="Seconds that each function may take.", rich_help_panel=LIMITS)] = 30.0,
    memory_limit: Annotated[int, typer.Option(metavar="MB", min=256, help="Memory that each may take.", rich_help_panel=LIMITS)] = 2048,
    hint_level: Annotated[
        int,
        typer.Option(
            metavar="0..3",
            min=0,
            max=3,
            envvar="LAYERWISE_HINT_LEVEL",
            help="0 the verdict; 1 where; 2 what kind of mistake; 3 the missing term.",
            rich_help_panel=REPORT,
        ),
    ] = 3,
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write JUnit's XML.", rich_help_panel=REPORT)] = None,
    gradescope: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write Gradescope's results.json.", rich_help_panel=REPORT)
    ] = None,
    as_json: option.Json = False,
    quiet: option.Quiet = False,
    debug: option.Debug = False,
    version: option.Version = False,
) -> int:
    """Check a file of course functions: which are right, and which term is missing in those that are not.

    The file is run on this machine with your rights, each function in a process of its own: no sandbox for strangers' code.
    """
    from layerwise import grading
    from layerwise.storage.atomic import write_text
    from layerwise.storage.strict_json import to_json

    pairs = [_pair(text) for text in names or ()]
    wanted = [name.strip() for name in (only or "").split(",") if name.strip()]
    verdicts = grading.check_file(file, names=dict(pairs), only=wanted, time_limit=time_limit, memory_limit=memory_limit)
    if junit is not None:
        write_text(junit, grading.junit(verdicts, file.name, hint_level))
    if gradescope is not None:
        write_text(gradescope, to_json(grading.gradescope(verdicts, hint_level)) + "\n")
    counts = {kind: sum(v.verdict == kind for v in verdicts) for kind in STYLES}
    if as_json:
        functions = [v.as_dict(hint_level) for v in verdicts]
        show_json({"file": str(file), "hint_level": hint_level, **counts, "functions": functions})
    elif not quiet:
        _show(verdicts, counts, hint_level)
    return 1 if counts["wrong"] else 0


def _pair(text: str) -> tuple[str, str]:
    name, sign, function = (part.strip() for part in text.partition("="))
    if not sign or not name or not function:
        raise ValueError(f"--as {text}: give the course's name and yours, as in --as softmax_loss=my_loss")
    return name, function


def _show(verdicts: "list[Verdict]", counts: dict[str, Any], hint_level: int) -> None:
    """A line for each function, with what was found under it; then how many there are of each kind."""
    from rich.console import Console
    from rich.text import Text

    console, width = Console(highlight=False), max(map(len, STYLES))
    for v in verdicts:
        line = Text(f"{v.verdict:<{width}}  ", style=STYLES[v.verdict])
        line.append(printable(v.name if v.function == v.name else f"{v.name} ({v.function})"), style="not bold default")
        console.print(line, soft_wrap=True)
        for told in v.told(hint_level):
            console.print(Text(f"{'':<{width}}  {printable(told)}"), soft_wrap=not console.is_terminal)
    console.print(Text(", ".join(f"{count} {kind}" for kind, count in counts.items() if count)), soft_wrap=True)
