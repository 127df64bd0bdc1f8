"""The program `layerwise`: its commands, and how an error ends it."""

import sys
from typing import Annotated

import typer

from layerwise import __version__
from layerwise.cli.table import COMMANDS
from layerwise.errors import LayerwiseError

UsageError: type[Exception] = typer.BadParameter.__mro__[1]  # typer carries a copy of click under a private name, or needs click: this is either's
DONE, NO, USAGE, COULD_NOT, INTERRUPTED = 0, 1, 2, 3, 130

app = typer.Typer(
    name="layerwise",
    help="Train, verify and sweep neural networks on the CPU you have.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for name, command in COMMANDS.items():
    app.command(name, no_args_is_help=False)(command)


def _version(asked: bool) -> None:
    if asked:
        print(f"layerwise {__version__}")
        raise typer.Exit


@app.callback()
def _main(
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version and stop.")] = False,
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Train, verify and sweep neural networks on the CPU you have."""


def run() -> None:
    """Run the command line; every error becomes one sentence and an exit code (DESIGN: 0 done, 1 no, 2 usage, 3 could not, 130 interrupted)."""
    debug = "--debug" in sys.argv
    arguments = [argument for argument in sys.argv[1:] if argument != "--debug"]
    try:
        code = app(args=arguments, standalone_mode=False)
    except UsageError as error:
        _say(getattr(error, "message", "") or str(error))
        code = USAGE
    except (typer.Abort, KeyboardInterrupt) as error:
        if debug:
            raise
        _say(str(error) or "interrupted")
        code = INTERRUPTED
    except (LayerwiseError, OSError, MemoryError) as error:
        if debug:
            raise
        _say(_sentence(error))
        code = COULD_NOT
    except (ValueError, TypeError) as error:
        if debug:
            raise
        _say(str(error))
        code = USAGE
    sys.exit(code or DONE)


def _sentence(error: BaseException) -> str:
    if isinstance(error, MemoryError):
        return f"not enough memory: {error or 'try a smaller batch or a smaller net'}"
    return str(error) or type(error).__name__


def _say(text: str) -> None:
    print(f"layerwise: {text}", file=sys.stderr)
