"""Mistakes that people make are called wrong, and told by what is missing."""

import pytest
from tests.grading.attempt import Mistake, rounds, verdicts

LAYERS, LINEAR, OPTIM, SHEET = "course/layers.py", "linear.py", "course/optim.py", "linear_classifer.py"

MISTAKES = [
    Mistake(LAYERS, "affine_forward", " + b", "", "out lacks the bias"),
    Mistake(LAYERS, "affine_forward", "x.reshape(x.shape[0], -1)", "x", "images (N, 2, 3, 4)"),
    Mistake(LAYERS, "affine_forward", "out = ", "x *= 1.5\n    out = ", "writes into its argument x"),
    Mistake(LAYERS, "affine_backward", "db = np.sum(dout, axis=0)", "db = np.sum(dout, axis=0) / len(x)", "db is divided by N"),
    Mistake(LAYERS, "affine_backward", "db = np.sum(dout, axis=0)", "db = np.sum(dout, axis=0, keepdims=True)", "db has shape (1, 4)"),
    Mistake(LAYERS, "relu_forward", "np.maximum(0, x)", "np.abs(x)", "the absolute value of x"),
    Mistake(LAYERS, "relu_backward", "(x > 0)", "(dout > 0)", "taken of dout instead of x"),
    Mistake(LAYERS, "relu_backward", "dx = dout * (x > 0)", "dx = dout\n    dx[x <= 0] = 0", "writes into its argument dout"),
    Mistake(LAYERS, "svm_loss", "margins[np.arange(N), y] = 0", "pass", "the correct class"),
    Mistake(LAYERS, "svm_loss", "dx /= N", "pass", "1/N"),
    Mistake(LAYERS, "softmax_loss", "shifted = x - np.max(x, axis=1, keepdims=True)", "shifted = x", "subtract the largest score"),
    Mistake(LAYERS, "softmax_loss", "dx[np.arange(N), y] -= 1", "pass", "lacks minus the one-hot"),
    Mistake(LAYERS, "batchnorm_forward", "+ (1 - momentum) * var", "+ momentum * var", "running_var"),
    Mistake(LAYERS, "batchnorm_forward", "x.var(axis=0)", "x.var(axis=0, ddof=1)", "unbiased variance"),
    Mistake(
        LAYERS,
        "batchnorm_forward",
        "out = gamma * (x - running_mean)",
        "running_mean = 0.9 * running_mean\n        out = gamma * (x - running_mean)",
        "changed in test mode",
    ),
    Mistake(LAYERS, "batchnorm_backward", " + dmu / N", "", "lacks the term through the mean"),
    Mistake(LAYERS, "batchnorm_backward_alt", " - x_hat * dgamma", "", "lacks the term through the variance"),
    Mistake(LAYERS, "layernorm_forward", "x.mean(axis=1, keepdims=True)", "x.mean(axis=0, keepdims=True)", "out is wrong"),
    Mistake(LAYERS, "layernorm_backward", "dx_hat = dout * gamma", "dx_hat = dout", "gamma is forgotten"),
    Mistake(LAYERS, "dropout_forward", "< p) / p", "< p)", "Inverted dropout divides the mask"),
    Mistake(LAYERS, "dropout_forward", 'if "seed" in dropout_param:', "if False:", "Two calls with the same dropout_param['seed']"),
    Mistake(LAYERS, "dropout_backward", "dx = dout * mask", "dx = dout", "dx has no mask at all"),
    Mistake(LAYERS, "conv_forward_naive", " + b[f]", "", "out lacks the bias"),
    Mistake(
        LAYERS, "conv_backward_naive", "dpadded[:, :, pad : pad + x.shape[2], pad : pad + x.shape[3]]", "dpadded", "padding is not cut off"
    ),
    Mistake(LAYERS, "conv_backward_naive", "dw[f] += ", "dw[f] = ", "dw"),
    Mistake(LAYERS, "max_pool_forward_naive", ".max(axis=(2, 3))", ".mean(axis=(2, 3))", "the mean of each window"),
    Mistake(
        LAYERS, "max_pool_backward_naive", "+= mask * dout[n, c, i, j]", "+= dout[n, c, i, j] / (HH * WW)", "average pooling's gradient"
    ),
    Mistake(
        LAYERS,
        "spatial_groupnorm_forward",
        "grouped.var(axis=1, keepdims=True) + eps",
        "grouped.var(axis=1, keepdims=True) + 0.1",
        "out is wrong",
    ),
    Mistake(LAYERS, "spatial_groupnorm_backward", "keepdims=True)\n    dgamma", "keepdims=False)\n    dgamma", "dbeta has shape (4,)"),
    Mistake(LAYERS, "spatial_batchnorm_forward", ".transpose(0, 3, 1, 2), cache", ", cache", "out has shape"),
    Mistake(LINEAR, "softmax_loss_vectorized", "X.T @ p / N + 2 * reg * W", "X.T @ p / N", "lacks the penalty"),
    Mistake(LINEAR, "svm_loss_naive", "dW[:, y[i]] -= X[i]", "pass", "minus their count"),
    Mistake(
        LINEAR, "svm_loss_vectorized", "scores = X.dot(W)", "scores = np.array([X[i].dot(W) for i in range(N)])", "loops over the examples"
    ),
    Mistake(LINEAR, "softmax_loss_naive", "scores -= scores.max()", "pass", "overflow"),
    Mistake(OPTIM, "sgd_momentum", '- config["learning_rate"] * dw', '+ config["learning_rate"] * dw', "next_w has momentum"),
    Mistake(OPTIM, "sgd_momentum", 'config["velocity"] = v', "pass", "config['velocity']"),
    Mistake(OPTIM, "rmsprop", "+ (1 - decay) * dw**2", "+ dw**2", "without 1 − decay_rate"),
    Mistake(
        OPTIM, "adam", 'v_hat = config["v"] / (1 - config["beta2"] ** config["t"])', 'v_hat = config["v"]', "bias correction is missing"
    ),
    Mistake(OPTIM, "adam", 'config["t"] += 1', "pass", "t"),
    Mistake(SHEET, "softmax", "shifted = predictions - np.max(predictions, axis=-1, keepdims=True)", "shifted = predictions", "overflows"),
    Mistake(SHEET, "softmax", "np.sum(e, axis=-1, keepdims=True)", "np.sum(e)", "the result is wrong"),
    Mistake(SHEET, "l2_regularization", "2 * reg_strength * W", "reg_strength * W", "dW"),
    Mistake(SHEET, "linear_softmax", "np.dot(X.T, dprediction)", "np.dot(X.T, dprediction) / len(X)", "1/N times as large"),
    Mistake(SHEET, "cross_entropy_loss", "np.log(probs[rows", "np.log10(probs[rows", "the result is wrong"),
    Mistake(SHEET, "softmax_with_cross_entropy", "return loss, dprediction / n", "return loss, dprediction", "1/N"),
]
ROUNDS = rounds(MISTAKES)


@pytest.fixture(scope="module")
def told(tmp_path_factory):
    """mistake -> its verdict; each file is checked once."""
    found = {}
    for file, mistakes in ROUNDS:
        folder = tmp_path_factory.mktemp("wrong")
        judged = verdicts(file, mistakes, folder)
        found |= {mistake: judged[mistake.function] for mistake in mistakes}
    return found


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_a_mistake_is_told(told, mistake):
    verdict = told[mistake]
    text = "\n".join(verdict.told(3))
    assert verdict.verdict == mistake.verdict, text
    assert mistake.told in text


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.id)
def test_hints_grow_with_their_level(told, mistake):
    verdict = told[mistake]
    texts = [" ".join(verdict.told(level)) for level in range(4)]
    assert texts[0] == ""
    assert texts[1]
    assert "it should be" not in texts[1] + texts[2]
    assert verdict.as_dict(0)["remarks"] == []
    assert "kind" not in verdict.as_dict(1)["remarks"][0]
