# %%
import numpy as np
import matplotlib.pyplot as plt
%matplotlib inline
%load_ext autoreload
%autoreload 2
from dataset import load_svhn
from knn import KNN
from metrics import binary_classification_metrics, multiclass_accuracy
# %%
train_X, train_y, test_X, test_y = load_svhn("data", max_train=100, max_test=20)
binary_train_mask = (train_y == 0) | (train_y == 9)
binary_train_X = train_X[binary_train_mask]
binary_train_y = train_y[binary_train_mask] == 0
binary_test_mask = (test_y == 0) | (test_y == 9)
binary_test_X = test_X[binary_test_mask]
binary_test_y = test_y[binary_test_mask] == 0
binary_train_X = binary_train_X.reshape(binary_train_X.shape[0], -1)
binary_test_X = binary_test_X.reshape(binary_test_X.shape[0], -1)
knn_classifier = KNN(k=1)
knn_classifier.fit(binary_train_X, binary_train_y)
# %%
dists = knn_classifier.compute_distances_two_loops(binary_test_X)
assert np.isclose(dists[0, 1], np.sum(np.abs(binary_test_X[0] - binary_train_X[1])))
dists = knn_classifier.compute_distances_one_loop(binary_test_X)
assert np.isclose(dists[0, 1], np.sum(np.abs(binary_test_X[0] - binary_train_X[1])))
dists = knn_classifier.compute_distances_no_loops(binary_test_X)
assert np.isclose(dists[0, 1], np.sum(np.abs(binary_test_X[0] - binary_train_X[1])))
# %%
prediction = knn_classifier.predict(binary_test_X)
assert prediction.dtype == bool
precision, recall, f1, accuracy = binary_classification_metrics(prediction, binary_test_y)
print("KNN with k = %s" % knn_classifier.k)
print("Accuracy: %4.2f, Precision: %4.2f, Recall: %4.2f, F1: %4.2f" % (accuracy, precision, recall, f1))
knn_classifier_3 = KNN(k=3)
knn_classifier_3.fit(binary_train_X, binary_train_y)
assert np.all(knn_classifier_3.predict(binary_train_X[:2], num_loops=1) == knn_classifier_3.predict(binary_train_X[:2], num_loops=2))
# %% many classes
flat = train_X.reshape(train_X.shape[0], -1)
knn_classifier = KNN(k=1)
knn_classifier.fit(flat, train_y)
predict = knn_classifier.predict(flat)
print(multiclass_accuracy(predict, train_y))
# %%
best_k = None
k_to_f1 = {}
for k in [1, 2, 3]:
    # TODO: perform cross-validation
    pass

for k in sorted(k_to_f1):
    print('k = %d, f1 = %f' % (k, k_to_f1[k]))
best_k_classifier = KNN(k=best_k)
best_k_classifier.fit(flat, train_y)
best_k_classifier.predict(flat)
