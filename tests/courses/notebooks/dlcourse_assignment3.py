# %%
import numpy as np
from gradient_check import check_gradient, check_layer_gradient, check_layer_param_gradient, check_model_gradient
from layers import FullyConnectedLayer, ReLULayer, ConvolutionalLayer, MaxPoolingLayer, Flattener
from model import ConvNet
from trainer import Trainer, Dataset
from optim import SGD, MomentumSGD
from metrics import multiclass_accuracy, binary_classification_metrics
# %% an image by hand, channels last
X = np.array([[[[1.0], [2.0]], [[0.0], [-1.0]]], [[[0.0], [1.0]], [[-2.0], [-1.0]]]])
layer = ConvolutionalLayer(in_channels=1, out_channels=1, filter_size=2, padding=0)
layer.W.value = np.zeros_like(layer.W.value)
layer.W.value[0, 0, 0, 0] = 1.0
layer.B.value = np.ones_like(layer.B.value)
result = layer.forward(X)
assert result.shape == (2, 1, 1, 1)
assert np.all(result == X[:, :1, :1, :1] + 1)
# %%
X = np.random.RandomState(0).randn(2, 4, 4, 2)
layer = ConvolutionalLayer(in_channels=2, out_channels=2, filter_size=3, padding=1)
assert layer.forward(X).shape == (2, 4, 4, 2)
assert check_layer_gradient(layer, X)
layer = ConvolutionalLayer(in_channels=2, out_channels=2, filter_size=3, padding=0)
assert check_layer_param_gradient(layer, X, 'W')
layer = ConvolutionalLayer(in_channels=2, out_channels=2, filter_size=3, padding=0)
assert check_layer_param_gradient(layer, X, 'B')
# %%
pool = MaxPoolingLayer(2, 2)
result = pool.forward(X)
assert result.shape == (2, 2, 2, 2) and result[0, 0, 0, 0] == X[0, :2, :2, 0].max()
assert check_layer_gradient(pool, X)
# %%
flattener = Flattener()
result = flattener.forward(X)
assert result.shape == (2, 32) and np.all(result == X.reshape(2, 32))
assert check_layer_gradient(flattener, X)
# %%
model = ConvNet(input_shape=(32, 32, 3), n_output_classes=10, conv1_channels=2, conv2_channels=2)
images, labels = np.random.RandomState(1).rand(4, 32, 32, 3) - 0.5, np.array([1, 2, 3, 4])
loss = model.compute_loss_and_gradients(images, labels)
assert sorted(model.params()) == ['B1', 'B2', 'B3', 'W1', 'W2', 'W3']
assert check_model_gradient(model, images[:1], labels[:1])
# %%
dataset = Dataset(images, labels, images[:2], labels[:2])
trainer = Trainer(model, dataset, MomentumSGD(0.9), num_epochs=2, batch_size=2)
assert trainer.learning_rate == 1e-3
loss_history, train_history, val_history = trainer.fit()
# %%
binary_classification_metrics(np.array([True, True, False, True]), np.array([True, False, False, True]))[0]
