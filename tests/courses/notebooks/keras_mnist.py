# %%
import numpy as np
np.random.seed(1337)  # for reproducibility
import matplotlib.pyplot as plt
%matplotlib inline
import pandas as pd
import seaborn as sns
from mpl_toolkits.mplot3d import Axes3D
from sklearn.model_selection import train_test_split
from __future__ import print_function
from keras.datasets import mnist
from keras.models import Sequential, Model
from keras.layers.core import Dense, Dropout, Activation
from keras.layers import Input
from keras.optimizers import SGD, Adam, RMSprop, Adadelta, Nadam
from keras.utils import np_utils
# %%
(X_train, y_train), (X_test, y_test) = mnist.load_data()
print(X_train.shape, X_train.dtype, y_train.shape, X_test.shape)
X_train = X_train.reshape(len(X_train), 784).astype('float32') / 255
X_test = X_test.reshape(len(X_test), 784).astype('float32') / 255
Y_train = np_utils.to_categorical(y_train, 10)
Y_test = np_utils.to_categorical(y_test, 10)
batch_size = 128
# %% softmax in NumPy alone: zero weights, full-batch steps at rate 1
X1 = np.hstack([np.ones((len(X_train), 1)), X_train]).astype(np.float)
T1 = np.hstack([np.ones((len(X_test), 1)), X_test]).astype(np.float)
W = np.zeros((785, 10))
for i in range(STEPS):
    Z = X1.dot(W)
    P = np.exp(Z - Z.max(axis=1, keepdims=True))
    P /= P.sum(axis=1, keepdims=True)
    W -= X1.T.dot(P - Y_train) / len(X1)
np.mean(T1.dot(W).argmax(axis=1) == y_test)
# %%
model = Sequential()
model.add(Dense(512, input_shape=(784,)))
model.add(Activation('relu'))
model.add(Dense(10))
model.add(Activation('softmax'))
model.compile(loss='categorical_crossentropy', optimizer=SGD(), metrics=['accuracy'])
model.fit(X_train, Y_train, batch_size=batch_size, nb_epoch=EPOCHS, verbose=0, validation_data=(X_test, Y_test))
# %%
score = model.evaluate(X_test, Y_test, verbose=0)
print('Test score:', score[0])
print('Test accuracy:', score[1])
# %%
fig, ax = plt.subplots()
ax.plot([2 ** k for k in range(1, 4)], [0.1, 0.2, 0.3])
ax.set_xscale("log", basex=2)
plt.show()
# %% depth
results = []
for depth in range(1, 3):
    layers = [Dense(16, input_shape=(784,)), Activation('relu')]
    for _ in range(depth - 1):
        layers += [Dense(16), Activation('relu')]
    net = Sequential(layers + [Dense(10), Activation('softmax')])
    net.compile(loss='categorical_crossentropy', optimizer=RMSprop(), metrics=['accuracy'])
    history = net.fit(X_train, Y_train, batch_size=batch_size, nb_epoch=1, verbose=0)
    results.append(net.evaluate(X_test, Y_test, verbose=0)[1])
assert len(results) == 2
# %% the own architecture
own = Sequential([Dense(512, input_shape=(784,)), Activation('relu'), Dropout(0.2), Dense(512), Activation('relu'),
                  Dense(512), Activation('tanh'), Dropout(0.1), Dense(10), Activation('softmax')])
own.compile(loss='categorical_crossentropy', optimizer=Adadelta(), metrics=['accuracy'])
history = own.fit(X_train, Y_train, batch_size=batch_size, nb_epoch=EPOCHS, verbose=1, validation_data=(X_test, Y_test))
assert sorted(history.history) == ['acc', 'loss', 'val_acc', 'val_loss'] and history.epoch == list(range(EPOCHS))
print('own', own.evaluate(X_test, Y_test, verbose=0)[1])
# %% an autoencoder
input_img = Input(shape=(784,))
encoded = Dense(32, activation='relu')(input_img)
decoded = Dense(784, activation='sigmoid')(encoded)
autoencoder = Model(input=input_img, output=decoded)
encoder = Model(input=input_img, output=encoded)
encoded_input = Input(shape=(32,))
decoder_layer = autoencoder.layers[-1]
decoder = Model(input=encoded_input, output=decoder_layer(encoded_input))
autoencoder.compile(optimizer='adadelta', loss='mean_squared_error')
autoencoder.fit(X_train, X_train, batch_size=batch_size, nb_epoch=EPOCHS, shuffle=True, verbose=1, validation_data=(X_test, X_test))
# %%
encoded_imgs = encoder.predict(X_test)
decoded_imgs = decoder.predict(encoded_imgs)
assert encoded_imgs.shape == (len(X_test), 32) and np.allclose(decoded_imgs, autoencoder.predict(X_test))
plt.imshow(decoded_imgs[0].reshape(28, 28)); plt.gray()
# %% the encoder frozen, under a new net
second = Model(input=input_img, output=Dense(784)(encoded))
second.compile(optimizer=Adadelta(), loss='mean_squared_error')
second.fit(X_train, X_train, batch_size=batch_size, nb_epoch=EPOCHS, verbose=0)
for layer in encoder.layers:
    layer.trainable = False
before = encoder.get_weights()
full = Sequential(encoder.layers[1:] + [Dense(512), Activation('relu'), Dropout(0.2), Dense(10), Activation('softmax')])
full.compile(loss='categorical_crossentropy', optimizer=Adadelta(), metrics=['accuracy'])
full.fit(X_train, Y_train, batch_size=batch_size, nb_epoch=EPOCHS, verbose=1, validation_data=(X_test, Y_test))
# %%
assert all(np.array_equal(a, b) for a, b in zip(before, encoder.get_weights()))
print('frozen', full.evaluate(X_test, Y_test, verbose=0))
# %% a model as a layer
whole = Sequential([encoder, Dense(10, activation='softmax')])
called = Model(input=input_img, output=Dense(3)(encoder(input_img)))
encoder.trainable = False
assert np.array_equal(whole.layers[0].get_weights()[0], before[0]) and called.predict(X_test).shape == (len(X_test), 3)
encoder.trainable = True
# %% every optimizer, by its class and by its name
for optimizer in (SGD(lr=0.1, momentum=0.9, nesterov=True), Adam(), Nadam(), RMSprop(lr=0.001, rho=0.9), Adadelta(lr=1.0, rho=0.95), 'sgd', 'adam', 'adadelta', 'rmsprop', 'nadam'):
    net = Sequential([Dense(10, input_shape=(784,), activation='softmax')])
    net.compile(loss='categorical_crossentropy', optimizer=optimizer, metrics=['accuracy'])
    losses = net.fit(X_train, Y_train, batch_size=batch_size, nb_epoch=2, verbose=0).history['loss']
    assert len(losses) == 2 and np.all(np.isfinite(losses)), optimizer
