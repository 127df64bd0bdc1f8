"""The program `layerwise`: from the command line to an exit code. It imports the rest late, so that Ctrl-C ends even that in a sentence."""

import io
import os
import sys

from layerwise.cli.complaint import complain
from layerwise.errors import LayerwiseError

DONE, NO, USAGE, COULD_NOT, INTERRUPTED = 0, 1, 2, 3, 130


def run() -> None:
    """Run the command line; every error becomes one sentence and an exit code (0 done, 1 no, 2 usage, 3 could not, 130 interrupted)."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")  # a letter that this terminal has not is no reason to stop
    debug = "--debug" in sys.argv
    try:
        code = _command(debug)
        sys.stdout.flush()
    except BaseException as error:  # the last resort at the edge of the process: what is no known error is called a bug, and not hidden
        if debug:
            import traceback

            traceback.print_exc()
        code = _ending(error)
    sys.exit(code)


def _command(debug: bool) -> int:
    import warnings

    from layerwise.cli.app import app

    if not debug:
        warnings.showwarning = lambda message, *details, **more: complain(f"note: {message}")
    return int(app(standalone_mode=False) or DONE)


def _ending(error: BaseException) -> int:
    """Tell the user about an error in a sentence, and give the exit code for it."""
    if isinstance(error, BrokenPipeError | SystemExit):  # the reader of our output, such as `head`, has left: there is nobody to tell
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python, which flushes at the end, would complain
        return COULD_NOT
    if isinstance(error, KeyboardInterrupt) or type(error).__name__ in (
        "Interrupted",
        "Abort",
    ):  # the app's, or typer's at the end of input
        complain(str(error) or "interrupted")
        return INTERRUPTED
    if hasattr(error, "format_message"):  # typer's errors of usage
        complain(error.format_message())
        return USAGE
    if isinstance(error, MemoryError):
        complain(f"not enough memory: {error or 'the system gave none'}. Smaller --hidden widths or a smaller --batch need less.")
        return COULD_NOT
    if isinstance(error, LayerwiseError):
        complain(str(error))
        return COULD_NOT
    if isinstance(error, OSError):
        complain(f"{error.filename}: {error.strerror}" if error.filename and error.strerror else str(error))
        return COULD_NOT
    if isinstance(error, ValueError | TypeError):
        complain(str(error))
        return USAGE
    complain(f"{type(error).__name__}: {error}. This should not happen: please report it, with what --debug shows.")
    return COULD_NOT
