"""The commands under one name, as typer has it."""

from typing import Any

import typer
from typer.core import TyperGroup

from layerwise.cli.option import Debug, Version
from layerwise.cli.table import COMMANDS, GROUPS

USAGE = 2
HELP = "Train, verify and sweep neural networks on the CPU you have."


class Interrupted(Exception):
    """Ctrl-C under a name that typer does not know: it would end with the exit code alone, and drop what was kept and how to go on."""


class _Commands(TyperGroup):
    def invoke(self, ctx: Any) -> Any:
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            raise Interrupted(str(stop)) from stop


app = typer.Typer(
    name="layerwise",
    cls=_Commands,
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
for name, group in GROUPS.items():
    app.add_typer(group, name=name)


@app.callback(help=HELP)
def _main(context: typer.Context, version: Version = False, debug: Debug = False) -> None:
    if context.invoked_subcommand is None:
        print(context.get_help())
        raise typer.Exit(USAGE)
