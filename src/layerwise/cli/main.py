"""The program `layerwise`: its commands, and how an error ends it."""

import io
import os
import sys
import traceback
import warnings
from typing import Any

import typer

from layerwise.cli.option import Debug, Version
from layerwise.cli.show import complain
from layerwise.cli.table import COMMANDS
from layerwise.errors import LayerwiseError

UsageError: Any = typer.BadParameter.__mro__[1]  # typer carries a copy of click under a private name, or needs click: this is either's
DONE, NO, USAGE, COULD_NOT, INTERRUPTED = 0, 1, 2, 3, 130

HELP = "Train, verify and sweep neural networks on the CPU you have."

app = typer.Typer(
    name="layerwise",
    help=HELP,
    epilog="A first net, on images that come with the package: layerwise train digits",
    no_args_is_help=False,
    invoke_without_command=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, command in COMMANDS.items():
    app.command(name, no_args_is_help=False)(command)


@app.callback(help=HELP)
def _main(context: typer.Context, version: Version = False, debug: Debug = False) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(USAGE)


def run() -> None:
    """Run the command line; every error becomes one sentence and an exit code (DESIGN: 0 done, 1 no, 2 usage, 3 could not, 130 interrupted)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a letter that this terminal has not is no reason to stop
    debug = "--debug" in sys.argv
    if not debug:
        warnings.showwarning = lambda message, *details, **more: complain(f"note: {message}")
    try:
        code = app(standalone_mode=False)
    except BaseException as error:
        if isinstance(error, SystemExit | GeneratorExit):
            raise
        if debug:
            traceback.print_exc()
        code = _ending(error)
    sys.exit(code or DONE)


def _ending(error: BaseException) -> int:
    """Tell the user about an error in a sentence, and give the exit code for it."""
    match error:
        case BrokenPipeError():  # the reader of our output, such as `head`, has left: there is nobody to tell
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python, which flushes at the end, would complain
            return COULD_NOT
        case typer.Abort() | KeyboardInterrupt():
            complain(str(error) or str(error.__cause__ or "") or "interrupted")
            return INTERRUPTED
        case _ if isinstance(error, UsageError):
            complain(error.format_message())
            return USAGE
        case MemoryError():
            complain(f"not enough memory: {error or 'the system gave none'}. Smaller --hidden widths or a smaller --batch need less.")
            return COULD_NOT
        case LayerwiseError():
            complain(str(error))
            return COULD_NOT
        case OSError():
            complain(f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error))
            return COULD_NOT
        case ValueError() | TypeError():
            complain(str(error))
            return USAGE
    complain(f"{type(error).__name__}: {error}. This should not happen: please report it, with what --debug shows.")
    return COULD_NOT
