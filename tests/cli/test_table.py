"""What every command has: help, the flags that all share, and a line for a user who mistypes. A new row is tested by being there."""

import inspect

import pytest
import typer
from typer.testing import CliRunner

from layerwise.cli.app import app
from layerwise.cli.table import COMMANDS, GROUPS

ROOT = typer.main.get_command(app)
SHARED = {"--json", "--quiet", "--debug", "--help"}
RUNS = ("train", "sweep")  # draw at random and write a folder
SPARED = {("course", "open"): {"--json", "--quiet"}}  # hands the terminal to a notebook, and has nothing to tell


def commands():
    """(words, command) of every sub-command, those of groups included."""
    for name in COMMANDS:
        yield (name,), ROOT.commands[name]
    for group in GROUPS:
        for name, command in ROOT.commands[group].commands.items():
            yield (group, name), command


EVERY = dict(commands())


def names_of(command):
    return {name for parameter in command.params for name in parameter.opts} | {"--help"}


def invoke(words):
    return CliRunner().invoke(app, list(words), env={"COLUMNS": "200"}, standalone_mode=True)


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_help_begins_with_what_the_command_does(words):
    command = EVERY[words]
    result = invoke([*words, "--help"])
    assert result.exit_code == 0
    first = inspect.cleandoc(command.callback.__doc__).splitlines()[0]
    assert first[0].isupper()
    assert first.split(" (")[0].split(".")[0][:60] in " ".join(result.output.split())


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_the_flags_that_all_share_are_there_and_told(words):
    names = names_of(EVERY[words])
    assert SHARED - names == SPARED.get(words, set())
    assert "--quiet" not in names or "-q" in names
    for parameter in EVERY[words].params:
        assert parameter.param_type_name == "argument" or parameter.help, f"{parameter.name} has no help"
    assert names >= (
        {"--seed", "--output", "--overwrite", "--config", "--set", "--threads"} if words[0] in RUNS and len(words) == 1 else set()
    )


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_what_is_written_can_be_replaced_only_when_asked(words):
    names = names_of(EVERY[words])
    assert "--overwrite" not in names or "--output" in names


@pytest.mark.parametrize("words", EVERY, ids=" ".join)
def test_an_unknown_flag_is_an_error_of_usage_in_a_line(words):
    result = invoke([*words, "--no-such-flag"])
    assert result.exit_code == 2
    assert "No such option: --no-such-flag" in " ".join(result.output.split())


@pytest.mark.parametrize("name", GROUPS)
def test_a_group_alone_shows_its_commands(name):
    result = invoke([name])
    assert result.exit_code == 2
    assert all(command in result.output for command in ROOT.commands[name].commands)


def test_a_command_without_the_shared_flags_is_caught():
    offender = typer.Typer()

    @offender.command()
    def forgetful(as_json: bool = typer.Option(False, "--json", help="x")):
        """Forget the rest."""

    assert SHARED - names_of(typer.main.get_command(offender)) == {"--quiet", "--debug"}
