"""The first sheet's two-layer net of older years: std, and reg given to loss, with the penalty λΣW²."""

import numpy as np
import plotting_that_is_not_here as plt

plt.rcParams["image.cmap"] = "gray"


class TwoLayerNet:
    def __init__(self, input_size, hidden_size, output_size, std=1e-4):
        self.params = {
            "W1": std * np.random.randn(input_size, hidden_size),
            "b1": np.zeros(hidden_size),
            "W2": std * np.random.randn(hidden_size, output_size),
            "b2": np.zeros(output_size),
        }

    def loss(self, X, y=None, reg=0.0):
        W1, b1, W2, b2 = (self.params[key] for key in ("W1", "b1", "W2", "b2"))
        N = X.shape[0]
        hidden = np.maximum(0, X.dot(W1) + b1)
        scores = hidden.dot(W2) + b2
        if y is None:
            return scores
        p = np.exp(scores - scores.max(axis=1, keepdims=True))
        p /= p.sum(axis=1, keepdims=True)
        loss = -np.log(p[np.arange(N), y]).mean() + reg * (np.sum(W1 * W1) + np.sum(W2 * W2))
        p[np.arange(N), y] -= 1
        p /= N
        dhidden = p.dot(W2.T) * (hidden > 0)
        grads = {"W2": hidden.T.dot(p) + 2 * reg * W2, "b2": p.sum(axis=0)}
        grads["W1"], grads["b1"] = X.T.dot(dhidden) + 2 * reg * W1, dhidden.sum(axis=0)
        return loss, grads
