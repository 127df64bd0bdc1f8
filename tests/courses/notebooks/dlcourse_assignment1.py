# %% setup
from __future__ import print_function
import numpy as np
import matplotlib.pyplot as plt

%matplotlib inline

%load_ext autoreload
%autoreload 2
# %%
from dataset import load_svhn, random_split_train_val
from gradient_check import check_gradient
from metrics import multiclass_accuracy
import linear_classifer
# %%
train_X, train_y, test_X, test_y = load_svhn("data", max_train=50, max_test=15)
assert train_X.shape == (50, 32, 32, 3) and train_X.dtype == np.float32 and test_X.shape == (15, 32, 32, 3)
assert train_y.min() >= 0 and train_y.max() <= 9
plt.imshow(train_X[0].astype(np.int)); plt.show()

def prepare_for_linear_classifier(train_X, test_X):
    train_flat = train_X.reshape(train_X.shape[0], -1).astype(np.float) / 255.0
    test_flat = test_X.reshape(test_X.shape[0], -1).astype(np.float) / 255.0
    mean_image = np.mean(train_flat, axis=0)
    train_flat -= mean_image
    test_flat -= mean_image
    return np.hstack([train_flat, np.ones((train_X.shape[0], 1))]), np.hstack([test_flat, np.ones((test_X.shape[0], 1))])

flat_X, test_flat = prepare_for_linear_classifier(train_X, test_X)
flat_train, labels, val_X, val_y = random_split_train_val(flat_X, train_y, num_val=10)
assert flat_train.shape == (40, 3073) and val_X.shape == (10, 3073)
# %% gradient checks, in the form that NumPy 2.4 refuses
def square(x):
    return float(x * x), 2 * x

check_gradient(square, np.array([3.0]))

def array_sum(x):
    assert x.shape == (2,), x.shape
    return np.sum(x), np.ones_like(x)

check_gradient(array_sum, np.array([3.0, 2.0]))

def array_2d_sum(x):
    assert x.shape == (2, 2)
    return np.sum(x), np.ones_like(x)

check_gradient(array_2d_sum, np.array([[3.0, 2.0], [1.0, 0.0]]))
# %%
probs = linear_classifer.softmax(np.array([-10, 0, 10]))
probs = linear_classifer.softmax(np.array([1000, 0, 0]))
assert np.isclose(probs[0], 1.0)
# %% the published loss
probs = linear_classifer.softmax(np.array([-5, 0, 5]))
linear_classifer.cross_entropy_loss(probs, 1)
# %%
loss, grad = linear_classifer.softmax_with_cross_entropy(np.array([1, 0, 0]), 1)
check_gradient(lambda x: linear_classifer.softmax_with_cross_entropy(x, 1), np.array([1, 0, 0], np.float))
# %%
np.random.seed(42)
num_classes = 4
batch_size = 1
predictions = np.random.randint(-1, 3, size=(batch_size, num_classes)).astype(np.float)
target_index = np.random.randint(0, num_classes, size=(batch_size, 1)).astype(np.int)
check_gradient(lambda x: linear_classifer.softmax_with_cross_entropy(x, target_index), predictions)

batch_size = 3
predictions = np.random.randint(-1, 3, size=(batch_size, num_classes)).astype(np.float)
target_index = np.random.randint(0, num_classes, size=(batch_size, 1)).astype(np.int)
check_gradient(lambda x: linear_classifer.softmax_with_cross_entropy(x, target_index), predictions)
probs = linear_classifer.softmax(np.array([[20, 0, 0], [1000, 0, 0]]))
assert np.all(np.isclose(probs[:, 0], 1.0))
# %%
batch_size, num_classes, num_features = 2, 2, 3
np.random.seed(42)
W = np.random.randint(-1, 3, size=(num_features, num_classes)).astype(np.float)
X = np.random.randint(-1, 3, size=(batch_size, num_features)).astype(np.float)
target_index = np.ones(batch_size, dtype=np.int)
loss, dW = linear_classifer.linear_softmax(X, W, target_index)
check_gradient(lambda w: linear_classifer.linear_softmax(X, w, target_index), W)
# %%
linear_classifer.l2_regularization(W, 0.01)
check_gradient(lambda w: linear_classifer.l2_regularization(w, 0.01), W)
# %%
np.random.seed(3)
classifier = linear_classifer.LinearSoftmaxClassifier()
loss_history = classifier.fit(flat_train, labels, epochs=10, learning_rate=1e-3, batch_size=30, reg=1e1)
plt.plot(loss_history)
# %%
pred = classifier.predict(val_X)
accuracy = multiclass_accuracy(pred, val_y)
print("Accuracy: ", accuracy)
more = classifier.fit(flat_train, labels, epochs=5, learning_rate=1e-3, batch_size=30, reg=1e1)
assert len(loss_history) == 10 and more[0] < loss_history[0]
# %% a search that is the learner's
best_classifier = None
best_val_accuracy = None
# TODO use validation set to find the best hyperparameters
print('best validation accuracy achieved: %f' % best_val_accuracy)
