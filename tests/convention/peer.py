"""The same five steps by PyTorch, Keras and scikit-learn themselves, and the spread of the weights that they start with.

`python -m tests.convention.peer NAME` writes the figures of one of them (cs231n and dlcourse too) to tests/convention/figures.
"""

import json
import os
import sys
import warnings

import numpy as np
from tests.convention import course
from tests.convention.case import CASES, FIGURES, NAMES, STEPS, flat, problem

WIDE = (300, 200)  # of the weights whose spread is looked at


def pytorch(told, rates):
    import torch
    from torch.nn import functional

    start = problem()
    X, y = torch.tensor(start["X"]), torch.tensor(start["y"])
    w = {name: torch.tensor(start[name], requires_grad=True) for name in NAMES}
    decay = told.get("weight_decay", 0.0)
    groups = [{"params": [a], "weight_decay": decay if name[0] == "W" or told.get("biases") else 0.0} for name, a in w.items()]
    if "adam" in told:
        optimizer = getattr(torch.optim, told["adam"])(groups, lr=rates[0])
    else:
        optimizer = torch.optim.SGD(groups, lr=rates[0], momentum=told.get("momentum", 0.0), nesterov=told.get("nesterov", False))
    torch.manual_seed(0)
    found, masks = [], []
    for rate in rates:
        for group in optimizer.param_groups:
            group["lr"] = rate
        hidden = functional.relu(X @ w["W1"] + w["b1"])
        if "dropout" in told:
            noise = functional.dropout(torch.ones_like(hidden), told["dropout"])
            masks.append((noise > 0).int().tolist())
            hidden = hidden * noise
        loss = functional.cross_entropy(hidden @ w["W2"] + w["b2"], y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        found.append(flat(a.detach().numpy() for a in w.values()))
    return np.array(found), masks or None


def keras(told, rates):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # its own, about NumPy
        return _keras_steps(_keras(), told, rates)


def _keras_steps(keras, told, rates):
    start = problem()
    penalty = keras.regularizers.L2(told["l2"]) if "l2" in told else keras.regularizers.L1(told["l1"]) if "l1" in told else None
    layers = [keras.layers.Dense(5, activation="relu", kernel_regularizer=penalty)]
    seen = []
    if "dropout" in told:
        layers.append(keras.layers.Dropout(told["dropout"], seed=0))
    layers.append(keras.layers.Dense(3, kernel_regularizer=penalty))
    model = keras.Sequential([keras.Input((4,)), *layers])
    model.set_weights([start[name] for name in NAMES])
    if "adam" in told:
        optimizer = keras.optimizers.Adam(rates[0], epsilon=told["epsilon"])
    else:
        optimizer = keras.optimizers.SGD(rates[0], momentum=told.get("momentum", 0.0), nesterov=told.get("nesterov", False))
    if "dropout" in told:
        call = layers[1].call

        def noted(inputs, training=False):
            noise = call(keras.ops.ones_like(inputs), training=training)
            seen.append((keras.ops.convert_to_numpy(noise) > 0).astype(int).tolist())
            return inputs * noise

        layers[1].call = noted
    model.compile(optimizer, keras.losses.SparseCategoricalCrossentropy(from_logits=True), run_eagerly=True)
    found = []
    for rate in rates:
        optimizer.learning_rate = rate
        model.train_on_batch(start["X"], start["y"])
        found.append(flat(model.get_weights()))
    return np.array(found), seen[-STEPS:] or None


def scikit_learn(told, rates):
    from sklearn.neural_network import MLPClassifier

    start = problem()
    options = {"alpha": 0.0, "solver": "sgd", "momentum": 0.0, "nesterovs_momentum": False, **told}
    mlp = MLPClassifier((5,), learning_rate_init=rates[0], batch_size=16, shuffle=False, **options)
    mlp.partial_fit(start["X"], start["y"], classes=[0, 1, 2])  # makes the arrays, which are then replaced
    mlp.coefs_, mlp.intercepts_ = [start["W1"], start["W2"]], [start["b1"], start["b2"]]
    del mlp._optimizer
    found = []
    for _ in rates:
        mlp.partial_fit(start["X"], start["y"])
        found.append(flat([mlp.coefs_[0], mlp.intercepts_[0], mlp.coefs_[1], mlp.intercepts_[1]]))
    return np.array(found), None


def _keras():
    os.environ.setdefault("KERAS_BACKEND", "torch")
    import keras

    keras.config.set_floatx("float64")
    return keras


PEERS = {"cs231n": course.steps, "dlcourse": course.steps, "keras": keras, "pytorch": pytorch, "scikit-learn": scikit_learn}
MODULES = {"keras": "keras", "pytorch": "torch", "scikit-learn": "sklearn"}


def drawn(peer):
    """What the other draws by default, or by a name of its own: name -> weights (300, 200), or biases."""
    if peer == "pytorch":
        import torch

        torch.manual_seed(0)
        layer = torch.nn.Linear(*WIDE)
        return {"Linear": layer.weight.detach().numpy().T, "Linear, biases": layer.bias.detach().numpy()}
    if peer == "keras":
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            keras = _keras()
        names = ("glorot_uniform", "glorot_normal", "he_uniform", "he_normal", "lecun_uniform", "lecun_normal")
        classes = {name: "".join(part.capitalize() for part in name.split("_")) for name in names}
        return {name: np.asarray(getattr(keras.initializers, cls)(seed=0)(WIDE)) for name, cls in classes.items()}
    if peer == "scikit-learn":
        from sklearn.neural_network import MLPClassifier

        found = {}
        for activation in ("relu", "logistic"):
            mlp = MLPClassifier((WIDE[1],), activation=activation, random_state=0, learning_rate_init=1e-12)
            mlp.partial_fit(np.zeros((2, WIDE[0])), [0, 1], classes=[0, 1])
            found |= {activation: mlp.coefs_[0], f"{activation}, biases": mlp.intercepts_[0]}
        return found
    return {}


def spread(peer):
    """name -> (standard deviation, largest size)"""
    return {name: [float(w.std()), float(np.abs(w).max())] for name, w in drawn(peer).items()}


if __name__ == "__main__":
    for peer in sys.argv[1:]:
        rows = {}
        for name, case in CASES[peer].items():
            parameters, masks = PEERS[peer](case.theirs, case.rates)
            rows[name] = {"masks": masks, "parameters": parameters.tolist()}
        version = __import__(MODULES[peer]).__version__ if peer in MODULES else ""
        content = {"version": version, "steps": rows, "spread": spread(peer)}
        (FIGURES / f"{peer}.json").write_text(json.dumps(content) + "\n")
