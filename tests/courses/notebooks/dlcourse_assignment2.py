# %%
import numpy as np
from dataset import load_svhn, random_split_train_val
from gradient_check import check_layer_gradient, check_layer_param_gradient, check_model_gradient
from layers import FullyConnectedLayer, ReLULayer
from model import TwoLayerNet
from trainer import Trainer, Dataset
from optim import SGD, MomentumSGD
from metrics import multiclass_accuracy

train_X, train_y, test_X, test_y = load_svhn("data", max_train=60, max_test=20)
train_X = train_X.reshape(60, -1).astype(np.float) / 255.0
train_X, train_y, val_X, val_y = random_split_train_val(train_X, train_y, num_val=20)
# %%
X = np.array([[1, -2, 3], [-1, 2, 0.1]])
assert check_layer_gradient(ReLULayer(), X)
# %%
assert check_layer_gradient(FullyConnectedLayer(3, 4), X)
assert check_layer_param_gradient(FullyConnectedLayer(3, 4), X, 'W')
assert check_layer_param_gradient(FullyConnectedLayer(3, 4), X, 'B')
# %%
model = TwoLayerNet(n_input=train_X.shape[1], n_output=10, hidden_layer_size=3, reg=0)
loss = model.compute_loss_and_gradients(train_X[:2], train_y[:2])
small = TwoLayerNet(n_input=6, n_output=10, hidden_layer_size=3, reg=0)
assert check_model_gradient(small, np.random.rand(2, 6), np.array([1, 2]))
model_with_reg = TwoLayerNet(n_input=6, n_output=10, hidden_layer_size=3, reg=1e1)
loss_with_reg = model_with_reg.compute_loss_and_gradients(np.random.rand(2, 6), np.array([1, 2]))
assert loss_with_reg > loss and not np.isclose(loss_with_reg, loss)
assert check_model_gradient(model_with_reg, np.random.rand(2, 6), np.array([1, 2]))
assert model_with_reg.predict(np.random.rand(4, 6)).shape == (4,)
# %% overfit a few examples
np.random.seed(0)
data_size = 15
model = TwoLayerNet(n_input=train_X.shape[1], n_output=10, hidden_layer_size=100, reg=1e-4)
dataset = Dataset(train_X[:data_size], train_y[:data_size], val_X[:data_size], val_y[:data_size])
trainer = Trainer(model, dataset, SGD(), learning_rate=1e-1, num_epochs=40, batch_size=5)
loss_history, train_acc, val_acc = trainer.fit()
assert train_acc[-1] > train_acc[0] and len(loss_history) == len(train_acc) == len(val_acc) == 40
# %%
trainer = Trainer(model, dataset, MomentumSGD(), num_epochs=2, learning_rate_decay=0.5)
trainer.fit(verbose=False)
print(trainer.learning_rate)
# %%
multiclass_accuracy(model.predict(val_X), val_y) >= 0
