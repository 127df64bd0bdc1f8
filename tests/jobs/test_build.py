"""What settings leave open is chosen by the data; what is wrong, or would have no effect, is refused in a sentence."""

import re

import numpy as np
import pytest

from layerwise.data import Dataset
from layerwise.errors import DataError
from layerwise.jobs.build import build_data, check_memory, check_names, settle
from layerwise.jobs.setting import resolve
from layerwise.jobs.train import assemble
from layerwise.storage.run_folder import RunFolder


def settings_of(data="digits", assignments=(), **flags):
    return resolve({"data": data, **flags}, assignments=assignments, environment={})


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"model": "sofmax"}, 'unknown model "sofmax". Did you mean "softmax"?'),
        ({"rule": "admam"}, 'unknown update rule "admam". Did you mean "adam"?'),
        ({"activation": "rleu"}, 'unknown activation "rleu". Did you mean "relu"?'),
        ({"activation": "step"}, 'unknown activation "step".'),
        ({"loss": "sqared"}, 'unknown loss "sqared". Did you mean "squared"?'),
        ({"weight_scale": "he_norma"}, 'unknown initializer "he_norma". Did you mean "he_normal"?'),
        ({"schedule": "cosin"}, 'unknown schedule "cosin". Did you mean "cosine"?'),
        (
            {"schedule": "step"},
            'the schedule step needs the option "every". Options of a schedule are given as --set schedule_options.NAME=',
        ),
        ({"assignments": ["rule_options.beta3=1"]}, 'the update rule adam has no option "beta3". Did you mean "beta2"?'),
        (
            {"assignments": ["rule_options.beta1=2"]},
            "adam: beta1 is 2, but must be a number from 0 to below 1. Options of a rule are given as --set rule_options.NAME=VALUE",
        ),
        (
            {"assignments": ["rule_options.eps=x"]},
            "adam: eps is 'x', but must be a finite number from 0 up. Options of a rule are given as --set rule_options",
        ),
        ({"assignments": ["rule_options.lr=1"]}, "give --lr in place of --set rule_options.lr"),
        ({"assignments": ["schedule_options.decay=0.3"]}, "--set schedule_options.decay has no effect without --schedule NAME"),
        ({"preprocess": "flatten"}, "--preprocess flatten: images are flattened by themselves"),
        ({"preprocess": "bias_column"}, "--preprocess bias_column: use --bias ones"),
        ({"preprocess": "none,scale"}, "--preprocess none,scale: none stands alone"),
        ({"augment": "flip,none"}, "--augment flip,none: none stands alone"),
        ({"augment": "flop"}, 'unknown augmentation "flop". Did you mean "flip"? Known: crop, flip, shift.'),
        (
            {"model": "softmax", "dropout": "0.5"},
            '--dropout has no effect on the model "softmax": leave it out, or use --model fully-connected',
        ),
        ({"model": "softmax", "hidden": "100"}, '--hidden has no effect on the model "softmax"'),
        ({"model": "svm", "loss": "squared"}, '--loss has no effect on the model "svm"'),
        ({"model": "two-layer", "activation": "tanh"}, '--activation has no effect on the model "two-layer"'),
        ({"bias": "ones"}, '--bias has no effect on the model "fully-connected": leave it out, or use --model softmax or svm'),
    ],
)
def test_what_is_wrong_or_without_effect_is_refused_before_data_is_read(flags, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        check_names(settings_of(**flags))


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"preprocess": "scal"}, 'unknown transform "scal". Did you mean "scale"?'),
        ({"loss": "squared"}, 'the loss "squared" needs numbers, but the targets are classes: use --loss softmax or svm'),
        ({"label": "x"}, "--label has no effect here: digits is a data set with labels and a test part of its own"),
        ({"test": "0.1"}, "--test has no effect here"),
        ({"data_folder": "x"}, "--data has no effect here: digits come with the package"),
        ({"val": "1.5"}, "--val is 1.5, but must be a share below 1, or a whole number of examples"),
        ({"val": "1000000000"}, "1000000000 rows are to be held out of 1497"),
        ({"val": "0", "patience": "3"}, "--patience needs validation examples to go by"),
        (
            {"model": "two-layer", "hidden": "3,4"},
            "a two-layer net has one hidden width, but --hidden gives [3, 4]: use --model fully-connected",
        ),
    ],
)
def test_what_does_not_fit_the_data_is_refused(flags, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        assemble(settings_of(**flags))


def numbers(count, width=3):
    rng = np.random.default_rng(0)
    return Dataset(rng.normal(size=(count, width)), rng.normal(size=count))


@pytest.mark.parametrize(
    ("flags", "text"),
    [
        ({"model": "softmax"}, 'the model "softmax" needs classes, but the targets are numbers: use --model fully-connected'),
        ({"loss": "softmax"}, 'the loss "softmax" needs classes, but the targets are numbers: use --loss squared or absolute or huber'),
    ],
)
def test_classes_are_not_made_of_numbers(flags, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        settle(settings_of(**flags), numbers(20))


@pytest.mark.parametrize(
    ("count", "flags", "batch", "epochs"),
    [
        (100_000, {}, 100, 10),
        (1197, {}, 100, 91),  # 11 steps an epoch
        (106, {}, 10, 100),
        (5, {}, 1, 100),
        (1197, {"batch": "0"}, 0, 100),
        (1197, {"batch": "10"}, 10, 10),
        (106, {"epochs": "3"}, 10, 3),
        (106, {"steps": "3"}, 10, None),
    ],
)
def test_small_sets_take_small_batches_and_many_epochs(count, flags, batch, epochs):
    settled = settle(settings_of(**flags), numbers(count))
    assert (settled.batch, settled.epochs) == (batch, epochs)


def test_small_products_take_one_thread_and_large_ones_all():
    narrow, wide = numbers(1000), numbers(1000, width=3000)
    assert settle(settings_of(), narrow).threads == 1
    assert settle(settings_of(), wide).threads is None
    assert settle(settings_of(threads="2"), narrow).threads == 2


def test_what_is_settled_stays_as_it_is():
    data = build_data(settings_of(), 0)
    once = settle(settings_of(), data)
    assert settle(once, data) == once
    assert (once.lr, once.preprocess, once.loss, once.hidden) == (0.001, ["scale", "center"], "softmax", [100])


def test_memory_is_asked_for_before_it_is_taken():
    settings = settings_of(hidden="1000")
    check_memory(settings, width=1000, outputs=10, have=100_000_000)
    with pytest.raises(
        MemoryError, match=r"widths 1000-1000-10 has 1,011,010 parameters and needs some 0\.0 GiB .* this machine has 0\.0 GiB"
    ):
        check_memory(settings, width=1000, outputs=10, have=10_000_000)


def test_a_folder_without_folders_is_told_what_to_do(tmp_path):
    with pytest.raises(DataError, match=r"a folder without folders.*layerwise train mnist --data"):
        build_data(settings_of(str(tmp_path)), 0)


def test_the_folder_of_a_run_is_no_data(tmp_path):
    run = RunFolder.create("x", tmp_path / "run")
    run.write_config({"data": "digits"})
    with pytest.raises(DataError, match=r"run: is the folder of a run, not of images. Go on with it by: layerwise train --resume"):
        build_data(settings_of(str(run.path)), 0)


def test_two_files_of_nearly_one_name_are_told_apart(tmp_path):
    (tmp_path / "table.csv").write_text("x,y\n1,2\n")
    with pytest.raises(DataError, match=r'tabel\.csv: there is no such file\. Did you mean "table\.csv"'):
        build_data(settings_of(str(tmp_path / "tabel.csv")), 0)
