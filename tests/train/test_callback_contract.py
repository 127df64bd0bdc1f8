"""What every callback promises, tested on each row of CALLBACKS, and each promise tested on a callback that breaks it."""

import io
import tempfile
from pathlib import Path

import numpy as np
import pytest
from rich.console import Console
from tests.contract import broken, contract_over
from tests.train.case import At, Recorder, net, params, same_bits, same_run, trained

from layerwise.train import CALLBACKS, Bar, Callback, Checkpoint, EarlyStopping, Lines, Plateau, Statistics, stack
from layerwise.train.callback import EVENTS, call

MAKERS = {  # how a test makes an object of a row; a new row needs one here
    "early_stopping": lambda folder: EarlyStopping(patience=2, min_delta=-1.0),  # never satisfied, so it never stops
    "plateau": lambda folder: Plateau(np.inf),
    "checkpoint": lambda folder: Checkpoint(folder, every=2),
    "bar": lambda folder: Bar(Console(file=io.StringIO(), force_terminal=True)),
    "lines": lambda folder: Lines(every=2, file=io.StringIO()),
    "statistics": lambda folder: Statistics(folder / "statistics.jsonl"),
}


class Case:
    """A row, one model or a population to train, and how its callbacks are told."""

    def __init__(self, make, folder, population):
        self.make, self.folder, self.population = (lambda: make(folder)), folder, population

    def train(self, *callbacks, **options):
        models = [net(rng=i, keep_prob=0.8) for i in range(2)]
        model = stack(models) if self.population else models[0]
        return trained(model, update_rule="adam", callbacks=callbacks, **options)

    def __repr__(self):
        return "a population" if self.population else "one model"


def cases(make, rng):
    with tempfile.TemporaryDirectory() as folder:
        for population in (False, True):
            yield Case(make, Path(folder) / str(population), population)


contract = contract_over(cases)


@contract
def contract_it_answers_to_events(case):
    callback = case.make()
    own = {name for kind in type(callback).__mro__[:-1] if kind is not Callback for name in vars(kind) if not name.startswith("_")}
    assert own & set(EVENTS), "it overrides no event"
    near = [name for name in own for event in EVENTS if name != event and event.replace("_", "") in name.replace("_", "")]
    assert not near, f"{near} are no events"


@contract
def contract_it_changes_nothing(case):
    """Not a bit of the parameters, the figures or the draws of any generator."""
    same_run(case.train(case.make()), case.train())


@contract
def contract_it_keeps_the_order_of_events(case):
    before, after, alone = Recorder(), Recorder(), Recorder()
    case.train(before, case.make(), after)
    case.train(alone)
    assert before.events == after.events == alone.events


@contract
def contract_it_serves_a_second_run(case):
    callback = case.make()
    for _ in range(2):
        same_run(case.train(callback), case.train())


@contract
def contract_it_takes_an_early_end(case):
    """A run that is stopped in mid-epoch, or has no steps at all, is no reason to fail."""
    case.train(case.make(), At(2, lambda state: state.stop("enough")))
    case.train(case.make(), num_steps=0)


@contract
def contract_its_errors_name_it(case):
    callback = case.make()

    def fall_over(state):
        raise OSError("no space left")

    for event in EVENTS:
        if event in vars(type(callback)):
            setattr(callback, event, fall_over)
            try:
                case.train(callback)
            except OSError as error:
                (note,) = error.__notes__[:1]
                assert note.startswith(f"raised by the callback {type(callback).__name__} at {event}, after step ")
            else:
                raise AssertionError("the error was lost")
            delattr(callback, event)


CONTRACTS = [check for name, check in globals().items() if name.startswith("contract_") and name != "contract_over"]


def test_every_row_can_be_made():
    assert MAKERS.keys() == CALLBACKS.keys()
    for name, row in CALLBACKS.items():
        assert row.name == name
        assert type(MAKERS[name](Path("."))) is row


@pytest.mark.parametrize("contract", CONTRACTS, ids=lambda contract: contract.name)
@pytest.mark.parametrize("name", CALLBACKS)
def test_every_callback_keeps_the_contract(name, contract):
    contract(MAKERS[name], np.random.default_rng(0))


class Misspelt(Callback):
    def on_epoch_end(self, state):
        print("never seen")


class Nudges(Callback):
    def epoch_end(self, state):
        state.solver.model.params["W1"] *= 1 + 1e-15


class Draws(Callback):
    def epoch_end(self, state):
        state.solver.sample_rng.random()
        state.solver.model.rng.random()


class Ends(Callback):
    def step_end(self, state):
        if state.step == 4:
            state.stop("I have seen enough")


class Counts(Callback):
    def __init__(self):
        self.left = 3

    def epoch_end(self, state):
        self.left -= 1
        if self.left < 0:
            state.stop("it forgot to start afresh")


class NeedsAnEpoch(Callback):
    def run_end(self, state):
        self.steps = state.step / state.epoch


class Hides(Callback):
    def __setattr__(self, name, value):
        super().__setattr__(name, value if name not in EVENTS else lambda state: None)

    def epoch_end(self, state):
        pass


OFFENDERS = {
    Misspelt: ["it answers to events"],
    Nudges: ["it changes nothing", "it serves a second run"],
    Draws: ["it changes nothing", "it serves a second run"],
    Ends: ["it changes nothing", "it keeps the order of events", "it serves a second run"],
    Counts: ["it serves a second run"],
    NeedsAnEpoch: ["it takes an early end"],
    Hides: ["its errors name it"],
}


@pytest.mark.parametrize("offender", OFFENDERS, ids=lambda offender: offender.__name__)
def test_an_offender_breaks_its_contract(offender):
    assert broken(CONTRACTS, lambda folder: offender()) == OFFENDERS[offender]


def test_a_callback_that_does_nothing_changes_nothing():
    assert broken(CONTRACTS[1:], lambda folder: Callback()) == []


EPOCH = [("epoch_start", 0, 0), ("step_end", 1, 0), ("step_end", 2, 0), ("epoch_end", 2, 1)]


def test_events_come_in_order():
    recorder = Recorder()
    trained(net(), batch_size=120, num_steps=3, callbacks=[recorder])
    rest = [("epoch_start", 2, 1), ("step_end", 3, 1), ("epoch_end", 3, 2)]
    assert recorder.events == [("run_start", 0, 0), *EPOCH, *rest, ("run_end", 3, 2)]


def test_a_stop_in_mid_epoch_ends_the_epoch_there():
    recorder = Recorder()
    solver = trained(net(), batch_size=60, callbacks=[At(3, lambda state: (state.stop("first"), state.stop("second"))), recorder])
    assert recorder.events[-3:] == [("step_end", 3, 0), ("epoch_end", 3, 0), ("run_end", 3, 0)]
    assert solver.stop_reason == "first"
    assert solver.history.epoch_steps == [0, 3]


def test_run_end_comes_even_after_an_error_with_the_best_parameters_in_the_model():
    recorder, first = Recorder(), params(net())

    def spoil(state):
        state.solver.model.params["W1"] *= 2
        raise OSError("no space left")

    model = net()
    with pytest.raises(OSError, match="no space left"):
        trained(model, callbacks=[recorder, At(2, spoil)])
    assert recorder.events[-1] == ("run_end", 2, 0)
    same_bits(params(model), first)


def test_an_object_with_one_event_is_a_callback():
    class Plain:
        seen = 0

        def epoch_end(self, state):
            self.seen += 1

    plain = Plain()
    trained(net(), callbacks=[plain])
    assert plain.seen == 3


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (EarlyStopping, "the class EarlyStopping: make an object of it"),
        ("early_stopping", "'early_stopping', which has none"),
        (print, "which has none"),
    ],
)
def test_what_answers_to_no_event_is_refused(wrong, words):
    with pytest.raises(
        TypeError, match=rf"a method for an event \(run_start, epoch_start, step_end, epoch_end, run_end\), but one is .*{words}"
    ):
        trained(net(), callbacks=[wrong])


def test_each_callback_is_told_in_turn():
    heard = []

    class Tells(Callback):
        def __init__(self, name):
            self.own = name

        def run_start(self, state):
            heard.append((self.own, state))

    call([Tells("a"), object(), Tells("b")], "run_start", "state")
    assert heard == [("a", "state"), ("b", "state")]
