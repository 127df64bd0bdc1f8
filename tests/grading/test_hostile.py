"""Whatever a file does costs one line: endless loops, crashes, floods, memory, state, noise; and what is not done is not wrong."""

import time

import pytest

from layerwise.grading import NOT_DONE, RIGHT, WRONG, check_file

AFFINE = "import numpy as np\nimport os, sys\n\n\ndef affine_forward(x, w, b):\n{}\n    return x.reshape(len(x), -1) @ w + b, (x, w, b)\n"
BACKWARD = (
    "\n\ndef affine_backward(dout, cache):\n    x, w, b = cache\n    return dout @ w.T.reshape(w.T.shape), x.T @ dout, dout.sum(axis=0)\n"
)

HOSTILE = {  # name -> body put into affine_forward, verdict, text
    "endless loop": ("    while True: pass", WRONG, "did not end within 3 s"),
    "endless loop in a child": (
        "    import subprocess\n    subprocess.run([sys.executable, '-c', 'while True: pass'])",
        WRONG,
        "did not end within",
    ),
    "memory": ("    hog = np.ones((200000, 200000))", WRONG, "It takes more memory than it was given"),
    "memory bit by bit": ("    hog = []\n    while True: hog.append(np.ones(10**7))", WRONG, "more memory than it was given"),
    "os._exit": ("    os._exit(0)", WRONG, "It ended Python (exit code 0)"),
    "sys.exit": ("    sys.exit('bye')", WRONG, "It calls sys.exit('bye') (line 6)"),
    "exit code": ("    os._exit(7)", WRONG, "exit code 7"),
    "abort": ("    os.abort()", WRONG, "It crashed Python (SIGABRT)"),
    "keyboard interrupt": ("    raise KeyboardInterrupt", WRONG, "It raises KeyboardInterrupt (line 6)"),
    "recursion": ("    return affine_forward(x, w, b)", WRONG, "It raises RecursionError"),
    "a million lines": ("    print('x\\n' * 100_000, flush=True)", RIGHT, ""),
    "asks": ("    input('your name? ')", WRONG, "It raises EOFError"),
    "writes to the pipe": ("    os.write(1, b'{\"remarks\": []}\\n')\n    x = x * 2", WRONG, "times as large"),
    "closes its streams": ("    sys.stdout.close(); sys.stderr.close()", RIGHT, ""),
    "noise": ("    b = b + np.random.randn() * 1e-7 * abs(b)", WRONG, "other results when it is called again"),
    "state": (
        "    global calls\n    calls = globals().get('calls', 0) + 1\n    b = b * (1 + calls % 2 * 1e-5)",
        WRONG,
        "other results when it is called again",
    ),
    "deletes its argument": ("    copy = x.copy()\n    x[...] = 0\n    x = copy", WRONG, "writes into its argument x"),
    "returns text": ("    return 'done', None", WRONG, "out is a str, where an array of numbers is needed"),
    "returns one thing": ("    return x @ w", WRONG, "It returns one ndarray, where (out, cache) is needed"),
    "returns ragged lists": ("    return [[1.0], [1.0, 2.0]], None", WRONG, "out is a list that makes no array"),
    "returns nan": ("    return x.reshape(len(x), -1) @ w * np.nan, None", WRONG, "out is nan"),
    "takes too few": ("    pass\n    return np.zeros(3)[10], None", WRONG, "It raises IndexError"),
    "a name that is not there": ("    x = helper(x)", NOT_DONE, "helper is not defined (line 6)"),
    "its own unset name": ("    y = y + 1", WRONG, "UnboundLocalError"),
    "not implemented": ("    raise NotImplementedError", NOT_DONE, "It raises NotImplementedError"),
    "returns nothing": ("    return", NOT_DONE, "It returns None"),
    "returns None twice": ("    return None, None", NOT_DONE, "out is None"),
    "threads": ("    import threading\n    threading.Thread(target=lambda: threading.Event().wait()).start()", RIGHT, ""),
    "changes directory": ("    os.chdir('/')", RIGHT, ""),
}


def judged(folder, source, only="affine_forward", **options):
    path = folder / "mine.py"
    path.write_text(source, encoding="utf-8")
    (verdict,) = check_file(path, only=[only], **options)
    return verdict


SLOW = {"endless loop in a child", "exit code", "changes directory", "takes too few", "closes its streams", "returns one thing", "asks"}


@pytest.mark.parametrize("name", [pytest.param(name, marks=[pytest.mark.slow] if name in SLOW else []) for name in HOSTILE])
def test_a_hostile_function_costs_one_line(tmp_path, name):
    body, verdict, told = HOSTILE[name]
    began = time.perf_counter()
    found = judged(tmp_path, AFFINE.format(body), time_limit=3, memory_limit=700 if "memory" in name else 2048)
    assert found.verdict == verdict, found.told(3)
    assert told in " ".join(found.told(3))
    assert time.perf_counter() - began < 20


def test_state_that_forward_leaves_to_backward_is_found(tmp_path):
    source = (
        "def affine_forward(x, w, b):\n    global kept\n    kept = x, w, b\n    return x.reshape(len(x), -1) @ w + b, None\n\n\n"
        "def affine_backward(dout, cache):\n    x, w, b = kept\n    rows = x.reshape(len(x), -1)\n"
        "    return (dout @ w.T).reshape(x.shape), rows.T @ dout, dout.sum(axis=0)\n"
    )
    found = judged(tmp_path, source, only="affine_backward")
    assert found.verdict == WRONG


def test_a_cache_that_backward_writes_to_is_found(tmp_path):
    source = (
        "def relu_forward(x):\n    return x * (x > 0), [x > 0]\n\n\n"
        "def relu_backward(dout, cache):\n    return dout * (cache.pop() if cache else 0)\n"
    )
    found = judged(tmp_path, source, only="relu_backward")
    assert found.verdict == WRONG
    assert any("other results" in line or "IndexError" in line for line in found.told(3))


@pytest.mark.parametrize(
    ("source", "function", "told"),
    [
        ("def affine_forward(x, w, b):\n    out = None\n    pass\n    return out, (x, w, b)\n", "affine_forward", "out is None"),
        ("def relu_forward(x):\n    pass\n", "relu_forward", "returns None"),
        ("def relu_forward(x):\n    ...\n", "relu_forward", "returns None"),
        (
            "import numpy as np\ndef softmax_loss_naive(W, X, y, reg):\n    loss = 0.0\n    dW = np.zeros_like(W)\n    return loss, dW\n",
            "softmax_loss_naive",
            "still",
        ),
        (
            (
                "import numpy as np\ndef svm_loss_naive(W, X, y, reg):\n    dW = np.zeros(W.shape)\n    s = X @ W\n"
                "    m = np.maximum(0, s - s[range(len(y)), y][:, None] + 1)\n    m[range(len(y)), y] = 0\n"
                "    return m.sum() / len(y) + reg * (W * W).sum(), dW\n"
            ),
            "svm_loss_naive",
            "dW is still the zeros",
        ),
        ("def sgd_momentum(w, dw, config=None):\n    next_w = None\n    return next_w, config\n", "sgd_momentum", "next_w is None"),
        (
            (
                "import numpy as np\ndef affine_backward(dout, cache):\n    dx, dw, db = None, None, None\n    x, w, b = cache\n    return dx, dw, db\n"
                "def affine_forward(x, w, b):\n    return x.reshape(len(x), -1) @ w + b, (x, w, b)\n"
            ),
            "affine_backward",
            "dx is None",
        ),
        ("def relu_backward(dout, cache):\n    return dout * (cache > 0)\n", "relu_backward", "relu_forward comes first"),
        ("from .layers import *\ndef relu_forward(x):\n    return relu(x), x\n", "relu_forward", "relu is not defined"),
        (
            "from helpers import clip\ndef relu_forward(x):\n    return clip(x), x\n",
            "relu_forward",
            "needs helpers.clip, which is not here",
        ),
        (
            "import mxnet\nclass Net(mxnet.gluon.Block):\n    pass\ndef relu_forward(x):\n    return mxnet.nd.relu(x), x\n",
            "relu_forward",
            "needs mxnet.nd.relu, which is not here",
        ),
        ("class TwoLayerNet:\n    def __init__(self, *a, **k):\n        self.params = {}\n", "TwoLayerNet", "params is empty"),
    ],
)
def test_what_is_not_done_is_not_wrong(tmp_path, source, function, told):
    found = judged(tmp_path, source, only=function)
    assert found.verdict == NOT_DONE, found.told(3)
    assert told in " ".join(found.told(3))


def test_a_backward_that_is_half_done_is_judged_as_far_as_it_goes(tmp_path):
    source = (
        AFFINE.format("")
        + "\n\ndef affine_backward(dout, cache):\n    x, w, b = cache\n    dw = None\n    return dout @ w.T, dw, dout.mean(axis=0)\n"
    )
    found = judged(tmp_path, source, only="affine_backward")
    assert found.verdict == WRONG
    assert any("dw is None" in line for line in found.told(3))
    assert any("db is divided by N" in line for line in found.told(3))


NET = "import numpy as np\nfrom classifiers_right import TwoLayerNet as Right\n\n\nclass TwoLayerNet(Right):\n{}\n"
NETS = {
    "the penalty is left out of the gradient": (
        "        grads['W1'] = grads['W1'] - self.reg * self.params['W1']",
        "grads['W1'] lacks the penalty's part: add reg * W",
    ),
    "the penalty is twice in the gradient": (
        "        grads['W2'] = grads['W2'] + self.reg * self.params['W2']",
        "has the penalty's part twice",
    ),
    "the bias is penalised": ("        grads['b1'] = grads['b1'] + self.reg * self.params['b1']", "has a penalty, which biases have not"),
    "the loss lacks the penalty": (
        "        loss -= 0.5 * self.reg * sum((self.params[k] ** 2).sum() for k in ('W1', 'W2'))",
        "the penalty is missing",
    ),
    "a gradient is not there": ("        del grads['b2']", "grads['b2'] is missing"),
    "a gradient has another shape": ("        grads['b2'] = grads['b2'][None]", "grads['b2'] has shape (1, 7)"),
}


@pytest.mark.parametrize("name", NETS)
def test_a_net_s_mistake_is_told(tmp_path, name):
    from tests.grading.attempt import RIGHT_FILES

    (tmp_path / "classifiers_right.py").write_text(
        (RIGHT_FILES / "course" / "classifiers" / "fc_net.py").read_text(encoding="utf-8").replace("from ..layers", "from layers_right")
        .replace("from ..layer_utils", "from layers_right"),
        encoding="utf-8",
    )  # fmt: skip
    (tmp_path / "layers_right.py").write_bytes((RIGHT_FILES / "course" / "layers.py").read_bytes())
    line, told = NETS[name]
    method = "    def loss(self, X, y=None):\n        if y is None:\n            return super().loss(X)\n        loss, grads = super().loss(X, y)\n"
    found = judged(tmp_path, NET.format(f"{method}{line}\n        return loss, grads"), only="TwoLayerNet")
    assert found.verdict == (NOT_DONE if "missing" in told and "grads" in told else WRONG)
    assert told in " ".join(found.told(3))
