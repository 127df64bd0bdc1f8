# %% CS231n 2018 to 2024 and CSE493G1: neighbours, hinge and softmax
import random
import numpy as np
from PKG.data_utils import load_CIFAR10
from PKG.classifiers import KNearestNeighbor

cifar10_dir = "PKG/datasets/cifar-10-batches-py"
try:
    del X_train, y_train
    print("Clear previously loaded data.")
except:
    pass
X_train, y_train, X_test, y_test = load_CIFAR10(cifar10_dir)
assert X_train.dtype == np.float64 and X_train.shape[1:] == (32, 32, 3) and X_train.flags.c_contiguous
assert y_train.dtype == np.int64 and y_train.shape == (len(X_train),)

# %%
num_training, num_test = 200, 20
X_all, y_all = X_train, y_train
X_train, y_train = X_train[list(range(num_training))], y_train[range(num_training)]
X_test, y_test = X_test[range(num_test)], y_test[range(num_test)]
X_train, X_test = np.reshape(X_train, (X_train.shape[0], -1)), np.reshape(X_test, (X_test.shape[0], -1))
classifier = KNearestNeighbor()
classifier.train(X_train, y_train)
dists = classifier.compute_distances_two_loops(X_test)
assert dists.shape == (num_test, num_training)
for other in (classifier.compute_distances_one_loop(X_test), classifier.compute_distances_no_loops(X_test)):
    difference = np.linalg.norm(dists - other, ord="fro")
    assert difference < 0.001, "Uh-oh! The distance matrices are different"
y_test_pred = classifier.predict_labels(dists, k=5)
for num_loops in (0, 1, 2):
    assert np.array_equal(classifier.predict(X_test, k=5, num_loops=num_loops), y_test_pred)
try:
    classifier.predict(X_test, num_loops=3)
    raise AssertionError("three loops were taken")
except ValueError as error:
    assert str(error) == "Invalid value 3 for num_loops"

# %%
from PKG.classifiers.linear_svm import svm_loss_naive
from PKG.classifiers.linear_svm import svm_loss_vectorized
from PKG.classifiers.softmax import softmax_loss_naive, softmax_loss_vectorized
from PKG.gradient_check import grad_check_sparse

X_dev = np.hstack([X_train[:50] - np.mean(X_train, axis=0), np.ones((50, 1))])
y_dev = y_train[:50]
np.random.seed(SEED)
W = np.random.randn(3073, 10) * 0.0001
for naive, vectorized, chance in ((svm_loss_naive, svm_loss_vectorized, 9), (softmax_loss_naive, softmax_loss_vectorized, -np.log(0.1))):
    loss, grad = naive(W, X_dev, y_dev, 0.0)
    assert abs(loss - chance) < 1.5
    f = lambda w: naive(w, X_dev, y_dev, 0.0)[0]
    grad_check_sparse(f, W, grad, 3)
    loss, grad = naive(W, X_dev, y_dev, 5e1)
    loss_vectorized, grad_vectorized = vectorized(W, X_dev, y_dev, 5e1)
    assert abs(loss - loss_vectorized) < 1e-9 and np.linalg.norm(grad - grad_vectorized, ord="fro") < 1e-9
    unpunished, plain = vectorized(W, X_dev, y_dev, 0.0)
    assert abs(loss - unpunished - 5e1 * np.sum(W * W)) < 1e-9  # no half
    assert np.abs(grad - plain - 2 * 5e1 * W).max() < 1e-9

# %%
from PKG.classifiers import LinearSVM, Softmax
from PKG.classifiers.linear_classifier import LinearClassifier

X_rows = np.hstack([X_train - np.mean(X_train, axis=0), np.ones((num_training, 1))])
for kind in (LinearSVM, Softmax):
    svm = kind()
    assert isinstance(svm, LinearClassifier) and svm.W is None
    np.random.seed(SEED)
    loss_hist = svm.train(X_rows, y_train, learning_rate=1e-7, reg=2.5e4, num_iters=150, verbose=True)
    np.random.seed(SEED)
    first = 0.001 * np.random.randn(3073, 10)
    rows = np.random.choice(num_training, 200)
    loss, grad = kind.loss(svm, X_rows[rows], y_train[rows], 2.5e4)
    assert len(loss_hist) == 150 and loss_hist[-1] < loss_hist[0]
    assert abs(loss_hist[0] / (2.5e4 * np.sum(first * first)) - 1) < 0.1
    before = svm.W.copy()
    svm.train(X_rows, y_train, learning_rate=1e-7, reg=2.5e4, num_iters=1)
    assert 0 < np.abs(svm.W - before).max() < 1e-3  # it went on from there
    assert svm.predict(X_rows).shape == (num_training,) and svm.W[:-1, :].shape == (3072, 10)
svm.save("softmax.npy")
again = Softmax()
assert again.load("softmax.npy") and np.array_equal(again.W, svm.W) and not again.load("best_softmax.npy")

# %% 2018 to 2020: the net that trains itself
from PKG.classifiers.neural_net import TwoLayerNet
from PKG.gradient_check import eval_numerical_gradient

input_size, hidden_size, num_classes, num_inputs = 4, 10, 3, 5


def init_toy_model():
    np.random.seed(0)
    return TwoLayerNet(input_size, hidden_size, num_classes, std=1e-1)


def init_toy_data():
    np.random.seed(1)
    X = 10 * np.random.randn(num_inputs, input_size)
    y = np.array([0, 1, 2, 2, 1])
    return X, y


net = init_toy_model()
X, y = init_toy_data()
correct_scores = np.asarray(
    [
        [-0.81233741, -1.27654624, -0.70335995],
        [-0.17129677, -1.18803311, -0.47310444],
        [-0.51590475, -1.01354314, -0.8504215],
        [-0.15419291, -0.48629638, -0.52901952],
        [-0.00618733, -0.12435261, -0.15226949],
    ]
)
assert np.sum(np.abs(net.loss(X) - correct_scores)) < 1e-7
loss, grads = net.loss(X, y, reg=0.05)
assert np.sum(np.abs(loss - 1.30378789133)) < 1e-11
for param_name in grads:
    f = lambda W: net.loss(X, y, reg=0.05)[0]
    param_grad_num = eval_numerical_gradient(f, net.params[param_name], verbose=False)
    error = np.max(np.abs(param_grad_num - grads[param_name]) / np.maximum(1e-8, np.abs(param_grad_num) + np.abs(grads[param_name])))
    assert error < 1e-8, param_name

# %%
net = init_toy_model()
stats = net.train(X, y, X, y, learning_rate=1e-1, reg=5e-6, num_iters=100, verbose=True)
assert stats["loss_history"][-1] < 0.02
assert len(stats["loss_history"]) == 100 and len(stats["train_acc_history"]) == len(stats["val_acc_history"])
assert stats["val_acc_history"][-1] == 1 and (net.predict(X) == y).all()
assert set(net.params) == {"W1", "b1", "W2", "b2"}

# %% what no listed notebook calls
from PKG.data_utils import load_CIFAR_batch, load_pickle, load_tiny_imagenet, load_models, load_imagenet_val
from PKG.gradient_check import eval_numerical_gradient_blobs, eval_numerical_gradient_net
from PKG.vis_utils import vis_grid, vis_nn
from types import SimpleNamespace

images, labels = load_CIFAR_batch(cifar10_dir + "/data_batch_1")
assert np.array_equal(images, X_all[: len(images)]) and np.array_equal(labels, y_all[: len(labels)])
with open(cifar10_dir + "/data_batch_1", "rb") as f:
    assert load_pickle(f)["data"].shape == (len(images), 3072)
for call in (lambda: load_tiny_imagenet("tiny"), lambda: load_models("models"), lambda: load_imagenet_val(num=5)):
    try:
        call()
        raise AssertionError("it was read")
    except NotImplementedError as error:
        assert "Layerwise" in str(error)
blob = SimpleNamespace(vals=np.array([1.0, -2.0]), diffs=np.zeros(2))
out = SimpleNamespace(vals=np.zeros(2), diffs=np.array([1.0, 10.0]))


def square(blob, out):
    out.vals[...] = blob.vals**2


(gradient,) = eval_numerical_gradient_blobs(square, (blob,), out)
assert np.allclose(gradient, [2.0, -40.0])
net = SimpleNamespace(forward=lambda: square(blob, out))
assert np.allclose(eval_numerical_gradient_net(net, (blob,), out)[0], gradient)
assert vis_grid(images[:5]).shape == (3 * 33, 3 * 33, 3) and vis_nn([list(images[:2]), list(images[2:4])]).shape == (66, 66, 3)
assert 0 == vis_grid(images[:5]).min() and vis_grid(images[:5]).max() == 1
