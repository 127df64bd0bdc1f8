# %% the features notebook, with the linear classifier's and with the two-layer net's arguments
import numpy as np
from PKG.data_utils import load_CIFAR10
from PKG.features import *
from PKG.features import color_histogram_hsv, hog_feature
from PKG.classifiers.linear_classifier import LinearSVM
from PKG.classifiers.fc_net import TwoLayerNet
from PKG.solver import Solver

X_all, y_all, X_test, y_test = load_CIFAR10("PKG/datasets/cifar-10-batches-py")
X_train, y_train, X_val, y_val, X_test, y_test = X_all[:1020], y_all[:1020], X_all[1020:], y_all[1020:], X_test[:50], y_test[:50]

# %%
num_color_bins = 10
feature_fns = [hog_feature, lambda img: color_histogram_hsv(img, nbin=num_color_bins)]
X_train_feats = extract_features(X_train, feature_fns, verbose=True)
X_val_feats = extract_features(X_val, feature_fns)
X_test_feats = extract_features(X_test, feature_fns)
assert hog_feature(X_train[0]).shape == (144,) and np.array_equal(X_train_feats[0, :144], hog_feature(X_train[0]))
assert abs(color_histogram_hsv(X_train[0]).sum() - 1) < 1e-12
assert color_histogram_hsv(X_train[0], nbin=25, normalized=False).sum() == 1024 * 255 / 25
assert np.allclose(rgb2gray(X_train[0]), X_train[0] @ [0.299, 0.587, 0.144])
assert hog_feature(rgb2gray(X_train[0])).shape == (144,)
mean_feat = np.mean(X_train_feats, axis=0, keepdims=True)
std_feat = np.std(X_train_feats, axis=0, keepdims=True)
X_train_feats, X_val_feats, X_test_feats = ((feats - mean_feat) / std_feat for feats in (X_train_feats, X_val_feats, X_test_feats))
X_train_feats = np.hstack([X_train_feats, np.ones((X_train_feats.shape[0], 1))])
X_val_feats = np.hstack([X_val_feats, np.ones((X_val_feats.shape[0], 1))])
assert X_train_feats.shape == (1020, 155)

# %%
svm = LinearSVM()
svm.train(X_train_feats, y_train, learning_rate=1e-3, reg=1e-2, num_iters=300)
assert np.mean(y_train == svm.predict(X_train_feats)) > 0.2 and svm.predict(X_val_feats).shape == (80,)

# %%
X_train_feats, X_val_feats = X_train_feats[:, :-1], X_val_feats[:, :-1]
print(X_train_feats.shape)
net = TwoLayerNet(X_train_feats.shape[1], 30, 10)
data = {"X_train": X_train_feats, "y_train": y_train, "X_val": X_val_feats, "y_val": y_val, "X_test": X_test_feats, "y_test": y_test}
solver = Solver(net, data, optim_config={"learning_rate": 1e-1}, num_epochs=2, verbose=False)
solver.train()
y_test_pred = np.argmax(net.loss(data["X_test"]), axis=1)
print((y_test_pred == data["y_test"]).mean())
