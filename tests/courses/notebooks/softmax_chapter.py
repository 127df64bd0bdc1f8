# %% the textbook's second chapter
import random
import time
import numpy as np
from utils.data_utils import load_CIFAR10
from classifiers.chapter2 import *
from classifiers.chapter2.softmax_loss import softmax_loss_naive, softmax_loss_vectorized
from classifiers.chapter2.softmax import *
from utils.gradient_check import grad_check_sparse

X_train, y_train, X_test, y_test = load_CIFAR10("datasets\\cifar-10-batches-py")
assert np.array_equal(X_train[:3], load_CIFAR10("datasets/cifar-10-batches-py")[0][:3])

# %%
mask = np.random.choice(200, 100, replace=False)
X_sample, y_sample = np.reshape(X_train[mask], (100, -1)), y_train[mask]
X_sample -= np.mean(X_sample, axis=0)
X_sample = np.hstack([X_sample, np.ones((100, 1))])
W = np.random.randn(3073, 10) * 0.0001
loss, grad = softmax_loss_naive(W, X_sample, y_sample, 1e2)
loss_vectorized, grad_vectorized = softmax_loss_vectorized(W, X_sample, y_sample, 1e2)
assert abs(loss - loss_vectorized) < 1e-9 and np.abs(grad - grad_vectorized).max() < 1e-9
assert abs(loss - softmax_loss_vectorized(W, X_sample, y_sample, 0.0)[0] - 0.5 * 1e2 * np.sum(W * W)) < 1e-9
grad_check_sparse(lambda w: softmax_loss_vectorized(w, X_sample, y_sample, 1e2)[0], W, grad, 10)

# %%
np.random.seed(3)
first = 0.001 * np.random.randn(3073, 10)
np.random.seed(3)
softmax = Softmax()
loss_hist = softmax.train(X_sample, y_sample, learning_rate=1e-7, reg=5e4, num_iters=1001, batch_size=50, verbose=True)
assert abs(loss_hist[0] / (0.5 * 5e4 * np.sum(first * first)) - 1) < 0.1
assert loss_hist[-1] < 3 and softmax.predict(X_sample).shape == (100,)

# %% a corner that diverges ends with one class, and raises nothing
import warnings

warnings.simplefilter("ignore")
softmax = Softmax()
softmax.train(X_sample, y_sample, learning_rate=1.0, reg=1e5, num_iters=300, batch_size=50, verbose=True)
assert set(softmax.predict(X_sample)) == {0}
