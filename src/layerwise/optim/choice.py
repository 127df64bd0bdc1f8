"""From a user's words to a rule or a schedule, with every mistake in them found before the first step."""

from collections.abc import Callable, Mapping
from functools import partial
from types import SimpleNamespace
from typing import Any

from layerwise.errors import look_up
from layerwise.optim.option import check_options, check_values, options_of
from layerwise.optim.table import RULES, SCHEDULES, Rule


def choose_rule(name: str, options: Mapping[str, Any] | None = None) -> Rule:
    """The update rule of that name, which takes these options.

    >>> choose_rule("adma")
    Traceback (most recent call last):
    ValueError: unknown update rule "adma". Did you mean "adam"? Known: adadelta, adagrad, adam, ...
    """
    rule = look_up(RULES, name, "update rule")
    check_options(rule, options or (), f"the update rule {name}")
    check_values(options or {}, f"the update rule {name}")
    return rule


def choose_schedule(name: str, options: Mapping[str, Any], *, steps_per_epoch: int) -> Callable[[int, int, Any], Any]:
    """schedule(step, num_steps, history) with the options bound, and steps_per_epoch where the schedule counts epochs.

    >>> choose_schedule("exponential", {"decay": 0.5}, steps_per_epoch=100)(250, 300, None)
    0.25
    """
    schedule = look_up(SCHEDULES, name, "schedule")
    own = options_of(schedule)
    counting = look_up(SCHEDULES, options.get("then", "constant"), "schedule") if "then" in own else schedule
    if "steps_per_epoch" in options_of(counting):
        options = {"steps_per_epoch": steps_per_epoch, **options}
    # A warm-up passes what is not its own on to the schedule it hands over to, which checks it in the call below.
    check_options(schedule, options.keys() & own if "then" in own else options, f"the schedule {name}")
    bound = partial(schedule, **options)
    bound(0, 1, SimpleNamespace(val_acc_history=[]))  # values that can't be used are refused here, not in mid-run
    return bound
