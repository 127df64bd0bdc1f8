"""Wrong implementations as learners write them, each with words that its diagnosis must have; and right ones, written in many ways."""

import numpy as np

from layerwise.gradcheck import verify, verify_loss

MISTAKES = {}
RIGHT = {}
UNNAMED = {}


def mistake(op, *texts, options=None):
    """Register a function that returns a report's arguments; all texts must be among the diagnoses of that report."""

    def register(make):
        MISTAKES[make.__name__] = (op, texts, options or {}, make)
        return make

    return register


def right(op, options=None):
    def register(make):
        RIGHT[make.__name__] = (op, options or {}, make)
        return make

    return register


def unnamed(op, options=None):
    """Wrong in a way that no term explains: a name would be a false one."""

    def register(make):
        UNNAMED[make.__name__] = (op, options or {}, make)
        return make

    return register


def judged(op, options, made, *, told=True):
    """The report on (forward, backward, args) or (loss, args), with the op named or to be guessed."""
    *functions, args = made
    op = op if told else None
    if len(functions) == 2:
        return verify(*functions, args, op=op, options=options)
    return verify_loss(functions[0], *args, op=op, options=options)


def rows(seed=3, *shapes):
    rng = np.random.default_rng(seed)
    return [rng.normal(size=shape) for shape in shapes]


# affine


def affine(x, w, b):
    return x.reshape(len(x), -1).dot(w) + b, (x, w, b)


def affine_args():
    return rows(3, (6, 2, 4), (8, 5), (5,))


def affine_back(dx=None, dw=None, db=None):
    def backward(dout, cache):
        x, w, _ = cache
        flat = x.reshape(len(x), -1)
        return (
            (dx or (lambda dout, flat, w, x: dout.dot(w.T).reshape(x.shape)))(dout, flat, w, x),
            (dw or (lambda dout, flat, w: flat.T.dot(dout)))(dout, flat, w),
            (db or (lambda dout: dout.sum(axis=0)))(dout),
        )

    return backward


@right("affine")
def affine_by_loops():
    def backward(dout, cache):
        x, w, b = cache
        flat = x.reshape(len(x), -1)
        dx, dw, db = np.zeros_like(flat), np.zeros_like(w), np.zeros_like(b)
        for n in range(len(x)):
            dw += np.outer(flat[n], dout[n])
            db += dout[n]
            dx[n] = w @ dout[n]
        return dx.reshape(x.shape), dw, db

    return affine, backward, affine_args()


@mistake("affine", "dw is divided by N once too often")
def affine_averages_dw():
    return affine, affine_back(dw=lambda dout, flat, w: flat.T.dot(dout) / len(flat)), affine_args()


@mistake("affine", "db is divided by N once too often")
def affine_averages_db():
    return affine, affine_back(db=lambda dout: dout.mean(axis=0)), affine_args()


@mistake("affine", "the sum over the broadcast axis is missing")
def affine_returns_dout_for_db():
    return affine, affine_back(db=lambda dout: dout), affine_args()


@mistake("affine", "dx is wrong in shape: dx has shape (6, 8), but x has (6, 2, 4)")
def affine_forgets_to_reshape():
    return affine, affine_back(dx=lambda dout, flat, w, x: dout.dot(w.T)), affine_args()


@mistake("affine", "dw is wrong in shape: dw has shape (5, 8), but w has (8, 5): it is transposed")
def affine_transposes_dw():
    return affine, affine_back(dw=lambda dout, flat, w: dout.T.dot(flat)), affine_args()


@mistake("affine", "dw has ones: dout is ignored", "dx has ones: dout is ignored")
def affine_ignores_dout():
    ones = affine_back()
    return affine, lambda dout, cache: (*ones(np.ones_like(dout), cache)[:2], ones(dout, cache)[2]), affine_args()


@mistake("affine", "db has only the last example's dout")
def affine_overwrites_db():
    return affine, affine_back(db=lambda dout: dout[-1]), affine_args()


@mistake("affine", "dw has the wrong sign")
def affine_sign():
    return affine, affine_back(dw=lambda dout, flat, w: -flat.T.dot(dout)), affine_args()


@mistake("affine", "dx has w transposed")
def affine_w_not_transposed():
    x, w, b = rows(4, (6, 4), (4, 4), (4,))
    return affine, affine_back(dx=lambda dout, flat, w, x: dout.dot(w)), [x, w, b]


@mistake("affine", "out lacks the bias")
def affine_forgets_bias():
    return lambda x, w, b: (x.reshape(len(x), -1) @ w, (x, w, b)), affine_back(), affine_args()


@mistake("affine", "db is 0 everywhere")
def affine_leaves_db_at_zero():
    return affine, affine_back(db=lambda dout: np.zeros(dout.shape[1])), affine_args()


# activations


def relu(x):
    return np.maximum(0, x), x


@right("relu")
def relu_in_place_on_a_copy():
    def backward(dout, x):
        dx = dout.copy()
        dx[x <= 0] = 0
        return dx

    return relu, backward, rows(3, (5, 4))


@right("relu")
def relu_from_the_output():
    return lambda x: (np.maximum(0, x), np.maximum(0, x)), lambda dout, out: dout * (out > 0), rows(3, (5, 4))


@mistake("relu", "dx has 1: dout passes unchanged")
def relu_forgets_the_mask():
    return relu, lambda dout, x: dout, rows(3, (5, 4))


@mistake("relu", "dx has the mask x < 0, the wrong side")
def relu_wrong_side():
    return relu, lambda dout, x: dout * (x < 0), rows(3, (5, 4))


@mistake("relu", "dout > 0")
def relu_masks_dout():
    return relu, lambda dout, x: dout * (dout > 0), rows(3, (5, 4))


@mistake("relu", "dx has ones: dout is ignored")
def relu_returns_the_mask():
    return relu, lambda dout, x: (x > 0).astype(float), rows(3, (5, 4))


@mistake("relu", "max(x, 0) instead of the mask")
def relu_multiplies_by_values():
    return relu, lambda dout, x: dout * np.maximum(x, 0), rows(3, (5, 4))


def sigmoid(x):
    out = 1 / (1 + np.exp(-x))
    return out, (x, out)


@mistake("sigmoid", "the input is used for the output")
def sigmoid_of_the_input():
    return sigmoid, lambda dout, cache: dout * cache[0] * (1 - cache[0]), rows(3, (5, 4))


@mistake("sigmoid", "out is missing")
def sigmoid_forgets_a_factor():
    return sigmoid, lambda dout, cache: dout * (1 - cache[1]), rows(3, (5, 4))


@mistake("tanh", "1 − out: the square is missing")
def tanh_forgets_the_square():
    return lambda x: (np.tanh(x), np.tanh(x)), lambda dout, out: dout * (1 - out), rows(3, (5, 4))


@mistake("gelu", "lacks the slope of Φ")
def gelu_forgets_the_product_rule():
    from layerwise.ops import gelu_forward

    return gelu_forward, lambda dout, cache: dout * cache[1], rows(3, (5, 4))


# softmax


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    out = e / e.sum(axis=1, keepdims=True)
    return out, out


@right("softmax")
def softmax_by_its_jacobian():
    def backward(dout, out):
        return np.stack([(np.diag(p) - np.outer(p, p)) @ d for p, d in zip(out, dout, strict=True)])

    return softmax, backward, rows(3, (5, 4))


@mistake("softmax", "diagonal of the Jacobian only")
def softmax_diagonal_only():
    return softmax, lambda dout, out: dout * out * (1 - out), rows(3, (5, 4))


@mistake("softmax", "dx lacks the rest of the Jacobian")
def softmax_forgets_the_rest():
    return softmax, lambda dout, out: dout * out, rows(3, (5, 4))


@mistake("softmax", "overflows at large scores")
def softmax_overflows():
    def forward(x):
        e = np.exp(x)
        return e / e.sum(axis=1, keepdims=True), e / e.sum(axis=1, keepdims=True)

    return forward, lambda dout, out: out * (dout - (dout * out).sum(axis=1, keepdims=True)), rows(3, (5, 4))


# normalisation


def norm(axis, ddof=0, eps=1e-5):
    def forward(x, gamma, beta):
        mean, var = x.mean(axis=axis, keepdims=True), x.var(axis=axis, keepdims=True, ddof=ddof)
        x_hat = (x - mean) / np.sqrt(var + eps)
        return gamma * x_hat + beta, (x, x_hat, mean, var, gamma, eps)

    return forward


def norm_back(axis=0, *, through_variance=1.0, through_mean=1.0, power=-1.5, dgamma=None, gamma_for_dx=True, n=None):
    """The staged backward of the course's sheet, with places to go wrong."""

    def backward(dout, cache):
        x, x_hat, mean, var, gamma, eps = cache
        size = n or x.shape[axis]
        dx_hat = dout * gamma if gamma_for_dx else dout
        dvar = np.sum(dx_hat * (x - mean) * -0.5 * (var + eps) ** power, axis=axis, keepdims=True) * through_variance
        dmean = np.sum(-dx_hat / np.sqrt(var + eps), axis=axis, keepdims=True) * through_mean
        dx = dx_hat / np.sqrt(var + eps) + dvar * 2 * (x - mean) / size + dmean / size
        return dx, (dout * x_hat).sum(axis=0) if dgamma is None else dgamma(dout, x, x_hat, mean), dout.sum(axis=0)

    return backward


def norm_args():
    return [a * 2 + 1 for a in rows(5, (8, 6), (6,), (6,))]


@right("batchnorm")
def batchnorm_staged():
    return norm(0), norm_back(), norm_args()


@right("layernorm")
def layernorm_staged():
    return norm(1), norm_back(1), norm_args()


@mistake("batchnorm", "dx lacks the term through the mean")
def batchnorm_forgets_the_mean():
    return norm(0), norm_back(through_mean=0), norm_args()


@mistake("batchnorm", "dx lacks the term through the variance")
def batchnorm_forgets_the_variance():
    return norm(0), norm_back(through_variance=0), norm_args()


@mistake("layernorm", "dx has the term through the mean with the wrong sign")
def layernorm_sign():
    return norm(1), norm_back(1, through_mean=-1), norm_args()


@mistake("batchnorm", "has the term through the variance 2 times")
def batchnorm_forgets_a_half():
    return norm(0), norm_back(through_variance=2), norm_args()


@mistake("batchnorm", "gamma is missing throughout")
def batchnorm_forgets_gamma():
    return norm(0), norm_back(gamma_for_dx=False), norm_args()


@mistake("layernorm", "dout: gamma is forgotten")
def layernorm_forgets_gamma():
    return norm(1), norm_back(1, gamma_for_dx=False), norm_args()


@mistake("batchnorm", "dgamma has x itself")
def batchnorm_dgamma_of_x():
    return norm(0), norm_back(dgamma=lambda dout, x, x_hat, mean: (dout * x).sum(0)), norm_args()


@mistake("batchnorm", "dgamma has x − mean")
def batchnorm_dgamma_of_centred():
    return norm(0), norm_back(dgamma=lambda dout, x, x_hat, mean: (dout * (x - mean)).sum(0)), norm_args()


@mistake("batchnorm", "out has the unbiased variance (ddof = 1)")
def batchnorm_unbiased_forward():
    return norm(0, ddof=1), norm_back(), norm_args()


@mistake("batchnorm", "has a power that is 2 too low in the term through the variance")
def batchnorm_wrong_power():
    return norm(0), norm_back(power=-0.5), norm_args()


@mistake("layernorm", "out has the mean over the batch (the wrong axis)")
def layernorm_over_the_batch():
    return norm(0), norm_back(0), norm_args()


@mistake("batchnorm", "dx lacks the term through the variance, and lacks the term through the mean")
def batchnorm_direct_term_only():
    return norm(0), norm_back(through_mean=0, through_variance=0), norm_args()


@mistake("batchnorm", "lacks the term through the mean", "has the term through the variance with the wrong sign")
def batchnorm_two_mistakes():
    return norm(0), norm_back(through_mean=0, through_variance=-1), norm_args()


# dropout


def dropout(x, scale=1 / 0.7):
    mask = np.random.RandomState(1).rand(*x.shape) < 0.7
    return x * mask * scale, mask


@right("dropout", {"keep_prob": 0.7})
def dropout_right():
    return dropout, lambda dout, mask: dout * mask / 0.7, rows(3, (6, 5))


@mistake("dropout", "dx lacks the factor 1/keep_prob", options={"keep_prob": 0.7})
def dropout_forgets_the_scale():
    return dropout, lambda dout, mask: dout * mask, rows(3, (6, 5))


@mistake("dropout", "no mask at all", options={"keep_prob": 0.7})
def dropout_forgets_the_mask():
    return dropout, lambda dout, mask: dout / 0.7, rows(3, (6, 5))


@mistake("dropout", "the dropped values instead of the kept", options={"keep_prob": 0.7})
def dropout_wrong_side():
    return dropout, lambda dout, mask: dout * ~mask / 0.7, rows(3, (6, 5))


@mistake("dropout", "out lacks the factor 1/keep_prob", options={"keep_prob": 0.7})
def dropout_forward_without_scale():
    return lambda x: dropout(x, 1.0), lambda dout, mask: dout * mask / 0.7, rows(3, (6, 5))


# losses by scores


def labels(n=6, k=5):
    return np.random.default_rng(8).permutation(np.arange(n) % k)


def cross_entropy(edit=lambda dx, p, y: None, mean=True, value=lambda value, n: value / n):
    def loss(x, y):
        p = softmax(x)[0]
        n = len(x)
        dx = p.copy()
        dx[np.arange(n), y] -= 1
        dx = dx / n if mean else dx
        other = edit(dx, p, y)
        return value(-np.log(p[np.arange(n), y]).sum(), n), dx if other is None else other

    return loss


def scores_and_labels():
    return [*rows(3, (6, 5)), labels()]


@right("softmax_loss")
def softmax_loss_right():
    return cross_entropy(), scores_and_labels()


@mistake("softmax_loss", "dx lacks the factor 1/N")
def softmax_loss_forgets_the_mean():
    return cross_entropy(mean=False), scores_and_labels()


@mistake("softmax_loss", "dx lacks minus the one-hot")
def softmax_loss_forgets_the_one_hot():
    return cross_entropy(lambda dx, p, y: p / len(p)), scores_and_labels()


@mistake("softmax_loss", "has minus the one-hot with the wrong sign")
def softmax_loss_adds_the_one_hot():
    def edit(dx, p, y):
        hot = np.eye(p.shape[1])[y]
        return (p + hot) / len(p)

    return cross_entropy(edit), scores_and_labels()


@mistake("softmax_loss", "minus the one-hot N times")
def softmax_loss_divides_too_early():
    def edit(dx, p, y):
        dx = p / len(p)
        dx[np.arange(len(p)), y] -= 1
        return dx

    return cross_entropy(edit), scores_and_labels()


@mistake("softmax_loss", "the last label")
def softmax_loss_ignores_the_last_label():
    def edit(dx, p, y):
        hot = np.eye(p.shape[1])[y]
        hot[:, -1] = 0
        return (p - hot) / len(p)

    return cross_entropy(edit), scores_and_labels()


@mistake("softmax_loss", "not divided by their sum")
def softmax_loss_of_exponentials():
    def loss(x, y):
        value, _ = cross_entropy()(x, y)
        dx = np.exp(x)
        dx[np.arange(len(x)), y] -= 1
        return value, dx / len(x)

    return loss, scores_and_labels()


@mistake("softmax_loss", "dx is divided by N once too often")
def softmax_loss_divides_twice():
    return cross_entropy(lambda dx, p, y: dx / len(p)), scores_and_labels()


def hinge(indicator=lambda margins, raw: margins > 0, counted=None, keep_correct=False, mean=True, delta=1.0):
    def loss(x, y):
        n = np.arange(len(x))
        raw = x - x[n, y][:, None] + delta
        margins = np.maximum(0, raw)
        clean = margins.copy()
        clean[n, y] = 0
        value = (margins if keep_correct else clean).sum() / len(x)
        dx = indicator(clean, raw).astype(float)
        dx[n, y] -= dx.sum(axis=1) if counted is None else counted(clean)
        return value, dx / len(x) if mean else dx

    return loss


@right("svm_loss")
def svm_loss_right():
    return hinge(), scores_and_labels()


@mistake("svm_loss", "the margins' values instead of their indicators")
def svm_loss_of_margins():
    return hinge(lambda margins, raw: margins), scores_and_labels()


@mistake("svm_loss", "1 instead of the count")
def svm_loss_counts_one():
    return hinge(counted=lambda margins: 1), scores_and_labels()


@mistake("svm_loss", "lacks minus their count")
def svm_loss_forgets_the_count():
    return hinge(counted=lambda margins: 0), scores_and_labels()


@mistake("svm_loss", "dx lacks the factor 1/N")
def svm_loss_forgets_the_mean():
    return hinge(mean=False), scores_and_labels()


@mistake("svm_loss", "the correct class left in")
def svm_loss_keeps_the_correct_margin():
    return hinge(keep_correct=True), scores_and_labels()


@mistake("svm_loss", "1 for every wrong class")
def svm_loss_ignores_margins():
    def loss(x, y):
        value, _ = hinge()(x, y)
        dx = np.ones_like(x)
        dx[np.arange(len(x)), y] = 1 - x.shape[1]
        return value, dx / len(x)

    return loss, scores_and_labels()


# linear classifiers with a penalty


def linear(value_factor=1.0, slope_factor=1.0, data=lambda X, d, n: X.T @ d, sign=1):
    def loss(W, X, y, reg):
        value, d = cross_entropy()(X @ W, y)
        return value + value_factor * 0.5 * reg * (W**2).sum(), data(X, d, len(X)) + sign * slope_factor * reg * W

    return loss


def linear_args():
    return [*rows(6, (4, 5), (6, 4)), labels(), 0.3]


@right("linear_softmax_loss")
def linear_softmax_right():
    return linear(), linear_args()


@right("linear_softmax_loss")
def linear_softmax_with_the_other_penalty():
    return linear(2.0, 2.0), linear_args()


@mistake("linear_softmax_loss", "dW has the penalty 2 times")
def linear_softmax_doubles_the_penalty():
    return linear(1.0, 2.0), linear_args()


@mistake("linear_softmax_loss", "dW has the penalty 1/2 times")
def linear_softmax_halves_the_penalty():
    return linear(2.0, 1.0), linear_args()


@mistake("linear_softmax_loss", "dW lacks the penalty")
def linear_softmax_forgets_the_penalty():
    return linear(1.0, 0.0), linear_args()


@mistake("linear_softmax_loss", "dW has the penalty with the wrong sign")
def linear_softmax_subtracts_the_penalty():
    return linear(sign=-1), linear_args()


# losses by values


@mistake("squared_loss", "dx is 1/2 times")
def squared_loss_forgets_the_two():
    return lambda x, y: (((x - y) ** 2).mean(), (x - y) / x.size), rows(3, (6, 5), (6, 5))


@mistake("squared_loss", "dx lacks the factor 1/K")
def squared_loss_forgets_the_outputs():
    return lambda x, y: (((x - y) ** 2).mean(), 2 * (x - y) / len(x)), rows(3, (6, 5), (6, 5))


@mistake("squared_loss", "dx has the wrong sign")
def squared_loss_sign():
    return lambda x, y: (((x - y) ** 2).mean(), 2 * (y - x) / x.size), rows(3, (6, 5), (6, 5))


@mistake("absolute_loss", "x − y instead of its sign")
def absolute_loss_without_sign():
    return lambda x, y: (np.abs(x - y).mean(), (x - y) / x.size), rows(3, (6, 5), (6, 5))


@mistake("binary_cross_entropy_loss", "dx lacks minus the target")
def binary_forgets_the_target():
    x, y = rows(3, (6, 5), (6, 5))
    return lambda x, y: ((np.logaddexp(0, x) - x * y).mean(), 1 / (1 + np.exp(-x)) / x.size), [x, 1 / (1 + np.exp(-y))]


@mistake("l2_penalty", "dW is 2 times", options={"reg": 0.3})
def penalty_doubled():
    return lambda W: (0.5 * 0.3 * (W**2).sum(), 2 * 0.3 * W), rows(3, (4, 5))


# images


def conv(x, w, b, stride=1, pad=1):
    xp = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    n, f, (hh, ww) = len(x), len(w), w.shape[2:]
    down, across = (xp.shape[2] - hh) // stride + 1, (xp.shape[3] - ww) // stride + 1
    out = np.zeros((n, f, down, across))
    for i in range(down):
        for j in range(across):
            window = xp[:, :, i * stride : i * stride + hh, j * stride : j * stride + ww]
            out[:, :, i, j] = np.tensordot(window, w, ((1, 2, 3), (1, 2, 3))) + b
    return out, (x, w, b, stride, pad)


def conv_back(*, flip=False, assign=False, cut=True, step=None, window_of=lambda xp: xp, total=lambda db: db):
    def backward(dout, cache):
        x, w, _, stride, pad = cache
        xp = window_of(np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))))
        dxp, dw = np.zeros_like(xp), np.zeros_like(w)
        (hh, ww), kernel = w.shape[2:], w[:, :, ::-1, ::-1] if flip else w
        for i in range(dout.shape[2]):
            for j in range(dout.shape[3]):
                s = stride
                place = (slice(None), slice(None), slice(i * s, i * s + hh), slice(j * s, j * s + ww))
                piece = np.tensordot(dout[:, :, i, j], kernel, 1)
                if assign:
                    dxp[place] = piece
                else:
                    dxp[place] += piece
                dw += np.tensordot(dout[:, :, i, j], xp[place], ((0,), (0,)))
        dx = dxp[:, :, pad:-pad, pad:-pad] if cut and pad else dxp
        return dx, dw, total(dout.sum(axis=(0, 2, 3)))

    return backward


def images():
    return rows(3, (2, 3, 5, 5), (4, 3, 3, 3), (4,))


@right("conv", {"stride": 1, "pad": 1})
def conv_by_loops():
    return conv, conv_back(), images()


@right("conv", {"stride": 2, "pad": 1})
def conv_by_loops_with_stride():
    return lambda x, w, b: conv(x, w, b, 2, 1), conv_back(), images()


@mistake("conv", "dx has the kernel flipped", options={"stride": 1, "pad": 1})
def conv_flips():
    return conv, conv_back(flip=True), images()


@mistake("conv", "where windows overlap", options={"stride": 1, "pad": 1})
def conv_assigns():
    return conv, conv_back(assign=True), images()


@mistake("conv", "the padding is not cut off", options={"stride": 1, "pad": 1})
def conv_leaves_the_padding():
    return conv, conv_back(cut=False), images()


@mistake("conv", "db is divided by N once too often", options={"stride": 1, "pad": 1})
def conv_averages_db():
    return conv, lambda dout, cache: (*conv_back()(dout, cache)[:2], conv_back()(dout, cache)[2] / len(dout)), images()


def max_pool(x):
    n, c, h, w = x.shape
    windows = x.reshape(n, c, h // 2, 2, w // 2, 2)
    return windows.max(axis=(3, 5)), (windows, x.shape)


@right("max_pool")
def max_pool_by_reshaping():
    def backward(dout, cache):
        windows, shape = cache
        hit = windows == windows.max(axis=(3, 5), keepdims=True)
        return (hit * dout[:, :, :, None, :, None]).reshape(shape)

    return max_pool, backward, rows(3, (2, 3, 4, 6))


@mistake("max_pool", "dout goes to the whole window")
def max_pool_spreads():
    def backward(dout, cache):
        windows, shape = cache
        return (np.ones_like(windows) * dout[:, :, :, None, :, None]).reshape(shape)

    return max_pool, backward, rows(3, (2, 3, 4, 6))


@mistake("average_pool", "(HH·WW)")
def average_pool_forgets_the_share():
    def forward(x):
        n, c, h, w = x.shape
        return x.reshape(n, c, h // 2, 2, w // 2, 2).mean(axis=(3, 5)), x.shape

    return forward, lambda dout, shape: dout.repeat(2, axis=2).repeat(2, axis=3), rows(3, (2, 3, 4, 6))


# wrong without a name


@unnamed("batchnorm")
def batchnorm_with_noise():
    def backward(dout, cache):
        dx, dgamma, dbeta = norm_back()(dout, cache)
        return dx + 0.01 * np.cos(np.arange(dx.size)).reshape(dx.shape), dgamma, dbeta

    return norm(0), backward, norm_args()


@unnamed("affine")
def affine_with_a_stray_exponent():
    return affine, affine_back(dw=lambda dout, flat, w: flat.T.dot(dout * np.abs(dout) ** 0.3)), affine_args()


@unnamed("softmax_loss")
def softmax_loss_with_a_temperature():
    def edit(dx, p, y):
        sharp = p**1.7
        dx = sharp / sharp.sum(axis=1, keepdims=True)
        dx[np.arange(len(p)), y] -= 1
        return dx / len(p)

    return cross_entropy(edit), scores_and_labels()


@unnamed("relu")
def relu_with_a_curve():
    return relu, lambda dout, x: dout * np.tanh(3 * np.maximum(x, 0)), rows(3, (5, 4))


@unnamed("conv", {"stride": 1, "pad": 1})
def conv_with_rolled_pixels():
    return conv, lambda dout, cache: (np.roll(conv_back()(dout, cache)[0], 1, axis=3) ** 3, *conv_back()(dout, cache)[1:]), images()
