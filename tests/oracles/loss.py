"""The losses as loops over Python numbers: oracle(x (N, K), y, weights (N,)) -> the weighted mean over examples."""

from math import exp, fsum, log


def mean(losses, weights):
    weights = [1.0] * len(losses) if weights is None else [float(weight) for weight in weights]
    return fsum(loss * weight for loss, weight in zip(losses, weights, strict=True)) / fsum(weights)


def log_sum_exp(row):
    return max(row) + log(fsum(exp(score - max(row)) for score in row))


def softmax_loss(x, y, weights=None):
    return mean([log_sum_exp(row) - row[label] for row, label in zip(x.tolist(), y.tolist(), strict=True)], weights)


def softmax_loss_of_probabilities(x, y, weights=None):
    losses = [
        fsum(target * (log_sum_exp(row) - score) for score, target in zip(row, targets, strict=True))
        for row, targets in zip(x.tolist(), y.tolist(), strict=True)
    ]
    return mean(losses, weights)


def svm_loss(x, y, weights=None, margin=1.0):
    losses = [
        fsum(max(0.0, score - row[label] + margin) for k, score in enumerate(row) if k != label)
        for row, label in zip(x.tolist(), y.tolist(), strict=True)
    ]
    return mean(losses, weights)


def of_values(one):
    def loss(x, y, weights=None):
        rows = zip(x.tolist(), y.tolist(), strict=True)
        return mean([fsum(one(a, b) for a, b in zip(row, targets, strict=True)) / len(row) for row, targets in rows], weights)

    return loss


def huber(x, y, delta=1.0):
    distance = abs(x - y)
    return distance**2 / 2 if distance <= delta else delta * (distance - delta / 2)


def binary_cross_entropy(x, y):
    """−y log σ(x) − (1 − y) log(1 − σ(x)); 1 − σ(x) = σ(−x), and −log σ(x) = log(1 + e⁻ˣ)"""
    return y * log_sum_exp([0.0, -x]) + (1 - y) * log_sum_exp([0.0, x])


ORACLES = {
    "softmax_loss": softmax_loss,
    "svm_loss": svm_loss,
    "squared_loss": of_values(lambda x, y: (x - y) ** 2),
    "absolute_loss": of_values(lambda x, y: abs(x - y)),
    "huber_loss": of_values(huber),
    "binary_cross_entropy_loss": of_values(binary_cross_entropy),
}
