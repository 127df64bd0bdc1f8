"""A saved model comes back to the bit, or is refused in a sentence that names the file."""

import contextlib
import copy
import json
import re
import time

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.layers.case import DEFAULT, OPTIONS

import layerwise
from layerwise.data import load_digits
from layerwise.data.delimited import Column
from layerwise.data.pca import PCA
from layerwise.data.preprocessing import Preprocessing
from layerwise.errors import ModelFileError
from layerwise.initializers import zeros
from layerwise.layers import LAYERS, Activation, Dense, Dropout, Layer
from layerwise.models import FullyConnectedNet, Sequential, SoftmaxModel, SVMModel, TwoLayerNet
from layerwise.models.file import load, save
from layerwise.models.inputs import Inputs
from layerwise.models.provenance import Provenance
from layerwise.models.table import MODELS
from layerwise.storage.array_file import load_arrays, save_arrays


def shared():
    """One layer twice, a frozen one, its own penalties, dropout."""
    tied, frozen = Dense(5, weights=0.5, reg=0.3), Dense(5)
    frozen.trainable = False
    layers = [tied, Activation("tanh"), frozen, Dropout(0.8), tied, Dense(3, bias=False, reg_l1=0.2)]
    return Sequential(layers, input_shape=5, loss="svm", reg=0.1, rng=4, dtype=np.float64)


def of_kind(kind):
    """A Sequential around one layer of LAYERS."""
    options, shape = OPTIONS.get(kind, DEFAULT)
    return Sequential([LAYERS[kind](**options)], input_shape=shape, loss="squared", rng=1)


MAKERS = {  # a new row of MODELS needs one here
    "SoftmaxModel": lambda: SoftmaxModel(5, 3, reg=0.1, reg_l1=1e-3, weight_scale=0.5, rng=1),
    "SVMModel": lambda: SVMModel(5, 3, bias=False, weight_scale=0.5, rng=2, dtype=np.float64),
    "TwoLayerNet": lambda: TwoLayerNet(5, 7, 3, weight_scale=0.5, reg=0.2, rng=3),
    "FullyConnectedNet": lambda: FullyConnectedNet([7, 6], input_dim=5, num_classes=3, activation="elu", keep_prob=0.7, reg=0.1, rng=3),
    "ThreeLayerConvNet": lambda: MODELS["ThreeLayerConvNet"]((2, 4, 4), 2, 3, 5, 3, weight_scale=0.5, reg=0.1, rng=1),
    "ConvNet": lambda: MODELS["ConvNet"](
        ["conv 2 3x3", "batchnorm", "relu", "max_pool 2", "dense 5", "dropout keep_prob=0.8"],
        input_dim=(2, 4, 4),
        num_classes=3,
        reg_l1=0.1,
    ),
    "Autoencoder": lambda: MODELS["Autoencoder"]([4, 3], input_dim=5, noise=0.1, masking=0.2, reg=0.1),
    "Sequential": shared,
    **{f"Sequential of {kind}": lambda kind=kind: of_kind(kind) for kind in LAYERS},
}


def settled(model):
    """The model with every array changed from what its maker drew, running statistics included."""
    rng = np.random.default_rng(7)
    for tree in (model.params, model.buffers):
        for name, array in tree.items():
            tree[name] = (np.abs(array) + rng.random(array.shape)).astype(array.dtype)
    return model


@pytest.mark.parametrize("name", [*MODELS, *(name for name in MAKERS if " " in name)])
def test_a_model_comes_back_to_the_bit(name, tmp_path):
    model = settled(MAKERS[name]())
    assert type(model) is MODELS[name.partition(" ")[0]]
    model.save(tmp_path / "größe 1" / "net")
    again = layerwise.load(tmp_path / "größe 1" / "net")
    assert type(again) is type(model)
    assert repr(again) == repr(model)
    assert again.summary() == model.summary()
    assert again.config() == model.config()
    assert dict(again.settings) == dict(model.settings)
    for tree in ("params", "buffers"):
        ours, theirs = getattr(model, tree), getattr(again, tree)
        assert list(theirs) == list(ours)
        for key in ours:
            np.testing.assert_array_equal(theirs[key], ours[key])
            assert theirs[key].dtype == ours[key].dtype
            assert theirs[key].flags.writeable
    X = np.random.default_rng(1).normal(size=(4, *model.input_shape))
    np.testing.assert_array_equal(again.loss(X), model.loss(X))


def test_what_was_shared_is_shared_and_what_was_frozen_is_frozen(tmp_path):
    save(shared(), tmp_path / "net")
    again = load(tmp_path / "net")
    assert again.layers[0] is again.layers[4]
    assert sorted(again.params) == ["dense1.b", "dense1.w", "dense3.w"]
    assert sorted(again.buffers) == ["dense2.b", "dense2.w"]
    X, y = np.ones((4, 5)), np.array([0, 1, 2, 0])
    model = shared()
    again.rng = copy.deepcopy(model.rng)
    loss, grads = again.loss(X, y)
    right_loss, right_grads = model.loss(X, y)
    assert loss == right_loss
    for name in right_grads:
        np.testing.assert_array_equal(grads[name], right_grads[name])


@pytest.mark.parametrize("given_as", ["net", "net.json", "net.safetensors"])
def test_either_file_or_their_stem_names_a_model(given_as, tmp_path):
    save(SoftmaxModel(5, 3), tmp_path / given_as)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["net.json", "net.safetensors"]
    assert repr(load(tmp_path / given_as)) == repr(SoftmaxModel(5, 3))


def test_a_model_remembers_how_its_inputs_were_prepared(tmp_path):
    data = load_digits().with_preprocessing("scale", "center", "flatten", "bias_column")
    model = SoftmaxModel(65, 10, bias=False)
    model.inputs = Inputs.of(data)
    save(model, tmp_path / "net")
    inputs = load(tmp_path / "net").inputs
    X = np.asarray(data.X_test[:5])
    np.testing.assert_array_equal(inputs.prepare(X), model.inputs.prepare(X))
    assert inputs.config() == model.inputs.config()
    assert (inputs.example_shape, inputs.class_names, inputs.data_name) == ((1, 8, 8), tuple("0123456789"), "digits")
    with pytest.raises(ValueError, match=r"examples have shape \(64,\), but the model was trained on \(1, 8, 8\)"):
        inputs.prepare(np.zeros((2, 64)))


def table_inputs():
    columns = (Column("width", fill=1.5), Column("colour", ("red", "grün")))
    return Inputs(Preprocessing.fit(["standardize"], np.arange(15.0).reshape(3, 5)), ("no", "yes"), (5,), columns, None, "plants")


def told():
    return Provenance("0.1.0", "2026-01-31T12:00:00Z", "plants", "plants.csv", "CC0", "ab" * 32, {"lr": 0.1, "hidden": [5]})


def test_a_model_remembers_where_it_comes_from(tmp_path):
    model = SoftmaxModel(5, 2)
    assert model.provenance is None
    save(model, tmp_path / "none")
    assert load(tmp_path / "none").provenance is None
    model.provenance = told()
    save(model, tmp_path / "net")
    save(model, tmp_path / "again")
    assert load(tmp_path / "net").provenance == told()
    assert (tmp_path / "net.json").read_bytes() == (tmp_path / "again.json").read_bytes()


def test_inputs_must_be_what_the_model_takes(tmp_path):
    model = SoftmaxModel(64, 10)
    model.inputs = Inputs.of(load_digits().with_preprocessing("flatten", "bias_column"))
    with pytest.raises(ValueError, match=r"an example of shape \(1, 8, 8\) becomes 65 numbers, but the model takes \(64,\)"):
        save(model, tmp_path / "net")


def test_a_model_remembers_the_columns_of_its_table(tmp_path):
    model = SoftmaxModel(5, 2)
    model.inputs = table_inputs()
    save(model, tmp_path / "net")
    assert load(tmp_path / "net").inputs.columns == model.inputs.columns


# What cannot come back is refused when it is saved


class Own(SoftmaxModel):
    pass


class OwnLayer(Layer):
    kind = "own"


def population():
    from layerwise.train import stack

    return stack([SoftmaxModel(5, 3, rng=seed) for seed in range(2)])


def spoilt():
    model = SoftmaxModel(5, 3)
    model.params["W"][1, 1] = np.nan
    return model


def changed(change):
    model = FullyConnectedNet([7], input_dim=5, num_classes=3)
    change(model)
    return model


def set_two_layer_l1():
    model = TwoLayerNet(5, 7, 3)
    model.reg_l1 = 0.5
    return model


UNSAVABLE = {
    "a Own is not in MODELS, so a file could not name it": lambda: Own(5, 3),
    "a layer of type OwnLayer is not in LAYERS": lambda: Sequential([OwnLayer()], input_shape=5),
    "W has shape (2, 5, 3): a population cannot be saved as one model. Save its members.": population,
    "the model's params/W holds NaN or infinity: it has diverged": spoilt,
    "W1 is frozen, which the file of a FullyConnectedNet cannot say. Build it as a Sequential": lambda: changed(
        lambda model: setattr(model.layers[0], "trainable", False)
    ),
    "W2 has shape (7, 4), not (7, 3), which the file of": lambda: changed(lambda model: model.params.update(W2=np.zeros((7, 4)))),
    "dense1.reg was set to 0.5, which the file of a FullyConnectedNet cannot say. Build it as": lambda: changed(
        lambda model: setattr(model.layers[0], "reg", 0.5)
    ),
    "a file cannot describe this TwoLayerNet: Object of type function is not JSON serializable. Initial weights must be": lambda: (
        TwoLayerNet(5, 7, 3, weight_scale=zeros)
    ),
    "reg_l1 was set to 0.5, which the file of a TwoLayerNet cannot say": set_two_layer_l1,
}


@pytest.mark.parametrize("words", UNSAVABLE)
def test_what_could_not_come_back_is_refused_when_it_is_saved(words, tmp_path):
    with pytest.raises(ValueError, match=re.escape(words)):
        save(UNSAVABLE[words](), tmp_path / "net")
    assert list(tmp_path.iterdir()) == []


# What was changed is refused when it is loaded


def saved(folder, model=None):
    model = shared() if model is None else model
    save(model, folder / "net")
    return load_arrays(folder / "net")


def rewritten(folder, arrays, document):
    save_arrays(folder / "net", arrays, document)
    return load(folder / "net")


def put(*path):
    *path, last, value = path

    def change(arrays, document):
        place = {"arrays": arrays, "document": document}
        for key in path:
            place = place[key]
        if value is None:
            del place[last]
        else:
            place[last] = value

    return change


CONFIG = ("document", "config")
LAYER = (*CONFIG, "layers", 0)
REFUSALS = [
    (
        put("document", "model", "Perceptron"),
        "the model 'Perceptron' is not known here. It may come from a newer version: update layerwise",
    ),
    (put("document", "model", 3), "the model 3 is not known here"),
    (put("document", "config", [1]), "the model 'Sequential' is not known here"),
    (put("document", "modle", "x"), 'unknown field "modle". Did you mean "model"? Known: config, inputs, model, provenance.'),
    (put("document", "inputs", None), 'the field "inputs" is missing, so this is not a whole file of ours.'),
    (put(*CONFIG, "input_shap", 3), 'net, config: unknown field "input_shap". Did you mean "input_shape"?'),
    (put(*CONFIG, "reg", None), 'net, config: the field "reg" is missing'),
    (
        put(*CONFIG, "reg", "much"),
        "its description does not make a model: reg='much' is not a number; it must be a finite strength, 0 or above. The file",
    ),
    (put(*CONFIG, "reg", [0.1, 0.2]), "its description does not make a model: reg is array([0.1, 0.2]), but must be a number. The file is"),
    (put(*CONFIG, "loss", "svn"), 'unknown loss "svn". Did you mean "svm"?'),
    (put(*CONFIG, "dtype", "object"), "dtype is object, but a network computes in floats"),
    (put(*CONFIG, "dtype", "float63"), "its description does not make a model: data type 'float63' not understood"),
    (put(*CONFIG, "layers", 0, "kind", "dnese"), 'unknown layer "dnese". Did you mean "dense"?'),
    (put(*LAYER, "units", -1), "Dense: units is -1, but must be a whole number from 1 up."),
    (put(*LAYER, "unist", 5), "unexpected keyword argument 'unist'"),
    (put(*CONFIG, "layers", 4, "same_as", 99), "its description does not make a model: list index out of range"),
    (put(*CONFIG, "input_shape", ["a"]), "its description does not make a model"),
    (put(*CONFIG, "layers", []), "a network needs at least one layer"),
    (put("arrays", "params/dense1.w", None), 'the array "params/dense1.w" is missing.'),
    (put("arrays", "params/dense9.w", np.zeros(3)), 'the array "params/dense9.w" is not part of this model.'),
    (put("arrays", "inputs/0.mean", np.zeros(3)), 'the array "inputs/0.mean" is not part of this model.'),
    (put("arrays", "anything", np.zeros(3)), 'the array "anything" is not part of this model.'),
    (
        put("arrays", "params/dense1.w", np.zeros((4, 5))),
        'the array "params/dense1.w" is float64 (4, 5), but the model needs float64 (5, 5).',
    ),
    (
        put("arrays", "params/dense1.w", np.zeros((5, 5), np.float32)),
        'the array "params/dense1.w" is float32 (5, 5), but the model needs float64 (5, 5).',
    ),
    (put("arrays", "params/dense1.b", np.full(5, np.nan)), 'the array "params/dense1.b" holds NaN or infinity. The file is damaged.'),
]


@pytest.mark.parametrize(("change", "words"), REFUSALS)
def test_a_changed_model_is_refused(change, words, tmp_path):
    arrays, document = saved(tmp_path)
    change(arrays, document)
    with pytest.raises(ModelFileError, match=re.escape(words)) as refusal:
        rewritten(tmp_path, arrays, document)
    assert str(refusal.value).startswith(f"{tmp_path / 'net'}")


INPUTS = ("document", "inputs")
INPUT_REFUSALS = [
    (put(*INPUTS, "colums", []), 'net, inputs: unknown field "colums". Did you mean "columns"?'),
    (put(*INPUTS, "data_name", None), 'net, inputs: the field "data_name" is missing'),
    (put(*INPUTS, "data_name", 3), "3 is no text"),
    (put(*INPUTS, "class_names", "ab"), "'ab' is no list of texts"),
    (put(*INPUTS, "class_names", [1]), "1 is no text"),
    (put(*INPUTS, "example_shape", [2.5]), "'float' object cannot be interpreted as an integer"),
    (put(*INPUTS, "full_scale", "white"), "'white' is no number"),
    (put(*INPUTS, "columns", 0, "fill", "x"), "'x' is no number"),
    (put(*INPUTS, "columns", 1, "level", []), 'net, inputs, columns: unknown field "level". Did you mean "levels"?'),
    (put(*INPUTS, "preprocessing", "steps", []), 'net, inputs, preprocessing: unknown field "steps"'),
    (put(*INPUTS, "preprocessing", "transforms", []), 'an array "0.deviation" belongs to none of the 0 transforms'),
    (put("arrays", "inputs/0.mean", None), "The file is damaged."),
    (put("arrays", "inputs/0.mean", np.zeros(4)), "The file is damaged."),
    (put(*INPUTS, "example_shape", [6]), "inputs: an example of shape (6,) becomes 6 numbers, but the model takes (5,)"),
    (put("arrays", "inputs/0.deviation", np.full(5, np.inf)), 'the array "inputs/0.deviation" holds NaN or infinity'),
    (put("document", "provenance", "mine"), "the provenance is 'mine', but must be a JSON object or null"),
    (put("document", "provenance", "licence", "CC0"), 'net, provenance: unknown field "licence"'),
    (put("document", "provenance", "data", None), 'net, provenance: the field "data" is missing'),
    (put("document", "provenance", "data", 3), "provenance: data is 3, but must be text"),
    (put("document", "provenance", "settings", []), "provenance: settings is [], but must be a JSON object"),
]


@pytest.mark.parametrize(("change", "words"), INPUT_REFUSALS)
def test_changed_inputs_are_refused(change, words, tmp_path):
    model = SoftmaxModel(5, 2)
    model.inputs, model.provenance = table_inputs(), told()
    arrays, document = saved(tmp_path, model)
    change(arrays, document)
    with pytest.raises(ModelFileError, match=re.escape(words)):
        rewritten(tmp_path, arrays, document)


@pytest.mark.parametrize("size", [10**6, 10**9])
def test_a_model_that_claims_to_be_huge_takes_no_memory(size, tmp_path):
    import tracemalloc

    arrays, document = saved(tmp_path, SoftmaxModel(5, 3))
    document["config"]["input_dim"] = size
    document["config"]["num_classes"] = 10**5
    tracemalloc.start()
    with pytest.raises(ModelFileError, match=r"but the model needs float32"):
        rewritten(tmp_path, arrays, document)
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()


def test_inputs_that_claim_to_be_huge_take_no_memory(tmp_path):
    import tracemalloc

    model = SoftmaxModel(2, 2)
    model.inputs = Inputs(Preprocessing.fit([PCA(2)], np.arange(15.0).reshape(3, 5) ** 2), ("no", "yes"), (5,))
    arrays, document = saved(tmp_path, model)
    document["inputs"]["example_shape"] = [10**7]
    tracemalloc.start()
    with pytest.raises(ModelFileError, match="pca: fitted on 5 features, but the examples have 10000000"):
        rewritten(tmp_path, arrays, document)
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()


@pytest.mark.parametrize("kind", ["batchnorm", "layernorm", "groupnorm"])
def test_a_norm_that_claims_to_be_huge_takes_no_memory(kind, tmp_path):
    import tracemalloc

    arrays, document = saved(tmp_path, of_kind(kind))
    document["config"]["input_shape"][0] = 10**7
    tracemalloc.start()
    with pytest.raises(ModelFileError, match=r"but the model needs float32 \(10000000,\)"):
        rewritten(tmp_path, arrays, document)
    assert tracemalloc.get_traced_memory()[1] < 5e6
    tracemalloc.stop()


def test_a_stride_beyond_counting_takes_no_time(tmp_path):
    arrays, document = saved(tmp_path, of_kind("max_pool"))
    document["config"]["layers"][0] |= {"size": 1, "stride": 10**18}
    document["config"]["input_shape"] = [2, 10**17, 10**17]
    start = time.process_time()
    with pytest.raises(ModelFileError, match=r"with stride 1000000000000000000 and pad 0 do not tile images"):
        rewritten(tmp_path, arrays, document)
    assert time.process_time() - start < 1


@pytest.mark.parametrize(
    ("option", "words"),
    [
        ({"slope": 0.5}, 'the activation leaky_relu has no option "slope"'),
        ({"negative_slope": "steep"}, "negative_slope is 'steep', but must be a number"),
    ],
)
def test_a_changed_option_of_an_activation_is_refused(option, words, tmp_path):
    arrays, document = saved(tmp_path, Sequential([Dense(3), Activation("leaky_relu", negative_slope=0.1)], input_shape=5))
    document["config"]["layers"][1] |= option
    with pytest.raises(ModelFileError, match=re.escape(words)):
        rewritten(tmp_path, arrays, document)


def test_files_of_another_model_or_half_a_save_are_refused(tmp_path):
    save(SoftmaxModel(5, 3), tmp_path / "a")
    save(SoftmaxModel(5, 3, rng=1), tmp_path / "b")
    (tmp_path / "a.safetensors").write_bytes((tmp_path / "b.safetensors").read_bytes())
    with pytest.raises(ModelFileError, match=r"not the arrays that a\.json describes: its digest \(SHA-256\) differs"):
        load(tmp_path / "a")
    with pytest.raises(ModelFileError, match=r"nothing\.json: there is no such file"):
        load(tmp_path / "nothing")
    document = json.loads((tmp_path / "b.json").read_text())
    (tmp_path / "b.json").write_text(json.dumps({**document, "version": 2}))
    with pytest.raises(ModelFileError, match=r"version 2 is newer than 1, the newest that this layerwise reads\. Update layerwise"):
        load(tmp_path / "b")


LEAVES = st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=4)
WORDS = st.sampled_from(["dense", "relu", "tanh", "softmax", "float32", "he_normal", "same_as", "kind", "w", "Sequential", "SVMModel"])
JUNK = st.recursive(LEAVES | WORDS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(WORDS, inner, max_size=3), max_leaves=4)


def places(value, path=()):
    """Every path into nested dicts and lists."""
    for key, item in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from places(item, (*path, key))


def with_inputs():
    model = FullyConnectedNet([7], input_dim=5, num_classes=2)
    model.inputs = table_inputs()
    return model


SUBJECTS = [shared, with_inputs, lambda: of_kind("conv"), lambda: of_kind("batchnorm")]


@given(data=st.data(), make=st.sampled_from(SUBJECTS))
def test_a_mutated_description_is_refused_or_makes_a_model(data, make, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    arrays, document = saved(folder, make())
    for _ in range(data.draw(st.integers(1, 2))):
        *path, last = data.draw(st.sampled_from(sorted(places(document), key=repr)))
        place = document
        for key in path:
            place = place[key]
        if data.draw(st.booleans()):
            place[last] = data.draw(JUNK)
        else:
            del place[last]
    with contextlib.suppress(ModelFileError):
        model = rewritten(folder, arrays, document)
        model.predict(np.zeros((2, *model.input_shape)))


@given(data=st.data(), make=st.sampled_from(SUBJECTS))
def test_mutated_arrays_are_refused_or_make_a_model(data, make, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    arrays, document = saved(folder, make())
    name = data.draw(st.sampled_from(sorted(arrays)))
    a = arrays.pop(name)
    changed = data.draw(
        st.sampled_from([None, a.astype(np.int8), a.astype(np.float16), a[:0], a[None], a.ravel()[:1], np.full_like(a, np.inf), a])
    )
    if changed is not None:
        arrays[data.draw(st.sampled_from([name, f"{name}x", "params/", "inputs/9.mean"]))] = changed
    with contextlib.suppress(ModelFileError):
        model = rewritten(folder, arrays, document)
        assert changed is not None
        assert name.startswith("inputs/") or changed.shape == a.shape  # a preprocessing may have one number for all features
        model.predict(np.zeros((2, *model.input_shape)))


@given(data=st.data(), which=st.sampled_from([".json", ".safetensors"]))
def test_a_byte_that_changed_is_noticed_or_does_not_matter(data, which, tmp_path_factory):
    folder = tmp_path_factory.mktemp("model")
    model = shared()
    save(model, folder / "net")
    path = folder / f"net{which}"
    content = bytearray(path.read_bytes())
    at = data.draw(st.integers(0, len(content) - 1))
    if data.draw(st.booleans()):
        content[at] ^= data.draw(st.integers(1, 255))
    else:
        del content[at:]
    path.write_bytes(bytes(content))
    with contextlib.suppress(ModelFileError):
        again = load(folder / "net")
        assert which == ".json"  # every byte of the arrays is under their digest
        assert again.params.keys() == model.params.keys()
