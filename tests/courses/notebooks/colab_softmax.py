# %%
# The drive of Colab, as the notebooks of 2020 and later begin
from google.colab import drive
drive.mount('/content/drive')

FOLDERNAME = None
assert FOLDERNAME is not None, "[!] Enter the foldername."

import sys
sys.path.append('/content/drive/My Drive/{}'.format(FOLDERNAME))

%cd /content/drive/My\ Drive/$FOLDERNAME/PKG/datasets/
!bash get_datasets.sh
%cd /content/drive/My\ Drive/$FOLDERNAME
# %%
import random
import time
import numpy as np
from PKG.data_utils import load_CIFAR10
import matplotlib.pyplot as plt

%matplotlib inline
plt.rcParams['figure.figsize'] = (10.0, 8.0)
plt.rcParams['image.interpolation'] = 'nearest'
plt.rcParams['image.cmap'] = 'gray'

%load_ext autoreload
%autoreload 2
# %%
def get_CIFAR10_data(num_training=50, num_validation=10, num_test=20, num_dev=10):
    cifar10_dir = 'PKG/datasets/cifar-10-batches-py'
    X_train, y_train, X_test, y_test = load_CIFAR10(cifar10_dir)
    mask = list(range(num_training, num_training + num_validation))
    X_val, y_val = X_train[mask], y_train[mask]
    mask = range(num_training)
    X_train, y_train = X_train[mask], y_train[mask]
    mask = np.random.choice(num_training, num_dev, replace=False)
    X_dev, y_dev = X_train[mask], y_train[mask]
    rows = [np.reshape(X, (X.shape[0], -1)) for X in (X_train, X_val, X_test[:num_test], X_dev)]
    mean_image = np.mean(rows[0], axis=0)
    for X in rows:
        X -= mean_image
    rows = [np.hstack([X, np.ones((X.shape[0], 1))]) for X in rows]
    return rows[0], y_train, rows[1], y_val, rows[2], y_test[:num_test], rows[3], y_dev

try:
    del X_train, y_train
    print('Clear previously loaded data.')
except:
    pass
X_train, y_train, X_val, y_val, X_test, y_test, X_dev, y_dev = get_CIFAR10_data()
print('Train data shape: ', X_train.shape)
# %%
from PKG.classifiers.softmax import softmax_loss_naive
W = np.random.randn(3073, 10) * 0.0001
loss, grad = softmax_loss_naive(W, X_dev, y_dev, 0.0)
print('loss: %f' % loss)
print('sanity check: %f' % (-np.log(0.1)))
from PKG.gradient_check import grad_check_sparse
f = lambda w: softmax_loss_naive(w, X_dev, y_dev, 0.0)[0]
grad_numerical = grad_check_sparse(f, W, grad, 3)
# %%
tic = time.time()
loss_naive, grad_naive = softmax_loss_naive(W, X_dev, y_dev, 0.000005)
from PKG.classifiers.softmax import softmax_loss_vectorized
loss_vectorized, grad_vectorized = softmax_loss_vectorized(W, X_dev, y_dev, 0.000005)
grad_difference = np.linalg.norm(grad_naive - grad_vectorized, ord='fro')
print('Loss difference: %f' % np.abs(loss_naive - loss_vectorized))
print('Gradient difference: %f' % grad_difference)
# %%
from PKG.classifiers import Softmax
results = {}
best_val = -1
best_softmax = None

################################################################################
# TODO:                                                                        #
# Use the validation set to set the learning rate and regularization strength. #
################################################################################

# Provided as a reference.
learning_rates = [1e-7, 5e-7]
regularization_strengths = [2.5e4, 5e4]

# *****START OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

pass

# *****END OF YOUR CODE (DO NOT DELETE/MODIFY THIS LINE)*****

for lr, reg in sorted(results):
    train_accuracy, val_accuracy = results[(lr, reg)]
    print('lr %e reg %e train accuracy: %f val accuracy: %f' % (lr, reg, train_accuracy, val_accuracy))
print('best validation accuracy achieved during cross-validation: %f' % best_val)
# %%
y_test_pred = best_softmax.predict(X_test)
test_accuracy = np.mean(y_test == y_test_pred)
print('softmax on raw pixels final test set accuracy: %f' % (test_accuracy, ))
# %%
w = best_softmax.W[:-1,:]
w = w.reshape(32, 32, 3, 10)
# %%
import os

FOLDER_TO_SAVE = os.path.join('drive/My Drive/', FOLDERNAME)
FILES_TO_SAVE = ['PKG/classifiers/softmax.py']
for files in FILES_TO_SAVE:
    with open(os.path.join(FOLDER_TO_SAVE, '/'.join(files.split('/')[1:])), 'w') as f:
        f.write(''.join(open(files).readlines()))
