"""Settings come from flags, variables, files and defaults, in this order, and every slip names its source."""

import re
from pathlib import Path

import pytest

import layerwise
from layerwise.jobs.setting import ELSEWHERE, KINDS, PREFIX, TrainSettings, checked, resolve
from layerwise.storage.toml import to_toml

DIGITS = {"data": "digits"}


def test_a_flag_wins_over_a_variable_over_a_file_over_the_default(tmp_path):
    file = tmp_path / "my settings ü.toml"
    file.write_text('data = "mnist"\nlr = 1.0\nreg = 1.0\nseed = 1\nrule_options = {beta1 = 0.5, beta2 = 0.6}\n', encoding="utf-8")
    settings = resolve(
        {"lr": "3"}, config=file, assignments=["rule_options.beta1=0.7"], environment={"LAYERWISE_LR": "2", "LAYERWISE_REG": "2"}
    )
    assert (settings.lr, settings.reg, settings.seed, settings.epochs) == (3, 2, 1, None)
    assert settings.data == "mnist"
    assert settings.rule_options == {"beta1": 0.7, "beta2": 0.6}


@pytest.mark.parametrize(("first", "second"), [("epochs", "steps"), ("steps", "epochs")])
def test_of_epochs_and_steps_the_later_source_drops_the_earlier(first, second):
    settings = resolve({**DIGITS, second: "5"}, environment={f"LAYERWISE_{first.upper()}": "9"})
    assert (getattr(settings, first), getattr(settings, second)) == (None, 5)


def test_variables_hold_lists_and_texts():
    settings = resolve(DIGITS, environment={"LAYERWISE_HIDDEN": "20,30", "LAYERWISE_LABEL": "true", "PATH": "x", "LAYERWISE_DATA": "/x"})
    assert (settings.hidden, settings.label, settings.data) == ([20, 30], "true", "digits")


def test_written_settings_come_back(tmp_path):
    settings = resolve({**DIGITS, "hidden": "3,4", "weight_scale": "0.5"}, assignments=["schedule_options.floor=0.1"], environment={})
    (tmp_path / "config.toml").write_text(to_toml(settings.as_dict()), encoding="utf-8")
    assert resolve({}, config=tmp_path / "config.toml", environment={}) == settings
    assert checked({key: value for key, value in settings.as_dict().items() if value is not None}) == settings


@pytest.mark.parametrize(
    ("given", "text"),
    [
        ({"flags": {"lr": "abc"}}, "--lr is 'abc', but must be a number above 0"),
        ({"flags": {"reg_l1": "-1"}}, "--reg-l1 is '-1', but must be a number from 0 up"),
        ({"environment": {"LAYERWISE_LR": "abc"}}, "LAYERWISE_LR is 'abc', but must be a number above 0"),
        ({"environment": {"LAYERWISE_EPOCS": "1"}}, 'LAYERWISE_EPOCS: there is no such setting. Did you mean "LAYERWISE_EPOCHS"?'),
        ({"assignments": ["rulle=adam"]}, '--set rulle: there is no setting "rulle". Did you mean "rule"?'),
        ({"assignments": ["rule"]}, "--set rule: write it as KEY=VALUE"),
        ({"assignments": ["=3"]}, "--set =3: write it as KEY=VALUE"),
        ({"assignments": ["rule_options.=3"]}, "--set rule_options.=3: write it as KEY=VALUE"),
        ({"assignments": ["rule.x=3"]}, "--set rule.x is {'x': 3}, but must be some text"),
        ({"assignments": ["lr=2"], "flags": {"lr": "1"}}, "--lr and --set lr=2 both give lr: keep one"),
        ({"assignments": ["print_every=0"]}, "--set print_every is '0', but must be a whole number from 1 up"),
        ({"assignments": ["dtype=int32"]}, '--set dtype is \'int32\', but must be "float32" or "float64"'),
    ],
)
def test_a_slip_names_where_it_was_made(given, text):
    with pytest.raises(ValueError, match=re.escape(text)):
        resolve({**DIGITS, **given.get("flags", {})}, assignments=given.get("assignments", ()), environment=given.get("environment", {}))


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"lr = 'abc'", "my.toml, lr is 'abc', but must be a number above 0"),
        (b"lrr = 1", 'my.toml, lrr: there is no setting "lrr". Did you mean "lr"?'),
        (b"a,b\n1,2", "my.toml: is not TOML: Expected '='"),
        (b"\xff", "my.toml: is not TOML: 'utf-8' codec can't decode"),
    ],
)
def test_a_slip_in_a_file_names_the_file(tmp_path, content, text):
    (tmp_path / "my.toml").write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(text)):
        resolve(DIGITS, config=tmp_path / "my.toml", environment={})


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(ValueError, match=r"none\.toml: there is no such file"):
        resolve(DIGITS, config=tmp_path / "none.toml", environment={})
    with pytest.raises(ValueError, match="is a folder"):
        resolve(DIGITS, config=tmp_path, environment={})


def test_no_data_is_asked_for():
    with pytest.raises(ValueError, match="which data"):
        resolve({}, environment={})


def test_every_setting_has_a_kind_that_takes_its_default():
    defaults = {key: value for key, value in TrainSettings().as_dict().items() if value is not None}
    assert KINDS.keys() == TrainSettings().as_dict().keys()
    assert checked(defaults) == TrainSettings()


def test_every_variable_that_the_package_reads_is_known():
    """So that a new one, in any room, is not taken for a misspelt setting."""
    source = Path(layerwise.__file__).parent
    read = {name for path in source.rglob("*.py") for name in re.findall(rf'"({PREFIX}[A-Z_]+)"', path.read_text(encoding="utf-8"))}
    assert read - {f"{PREFIX}{key.upper()}" for key in KINDS} <= set(ELSEWHERE)
    assert set(ELSEWHERE) <= read
