import io
import re

from layerwise.train.bar import EpochBar, bar


def test_the_bar_fills_from_the_left_and_ends_without_an_arrow():
    assert bar(0, 100) == "  0/100 [..............................]"
    assert bar(50, 100) == " 50/100 [==============>...............]"
    assert bar(100, 100) == "100/100 [==============================]"


def test_an_epoch_ends_as_keras_1_ends_it():
    stream = io.StringIO()
    line = EpochBar(60000, 0, 50, stream=stream)
    line.update(128, {"loss": 2.3, "acc": 0.1})
    line.finish({"loss": 0.4745, "acc": 0.853, "val_loss": 0.2436, "val_acc": 0.9234})
    heading, drawn, rest = stream.getvalue().split("\n")
    assert (heading, rest) == ("Epoch 1/50", "")
    first, last = drawn.split("\r")[1:]
    assert re.fullmatch(r"  128/60000 \[\.{30}\] - ETA: \d+s - loss: 2\.3000 - acc: 0\.1000", first)
    shown = last.rstrip()
    assert shown == "60000/60000 [==============================] - 0s - loss: 0.4745 - acc: 0.8530 - val_loss: 0.2436 - val_acc: 0.9234"
    assert len(last) >= len(first)  # what was there before is drawn over


def test_other_kinds_of_telling():
    for verbose, expected in ((0, ""), (2, "Epoch 3/3\n0s - loss: 5.0000e-04\n")):
        stream = io.StringIO()
        line = EpochBar(10, 2, 3, verbose=verbose, stream=stream)
        line.update(5, {"loss": 1.0})
        line.finish({"loss": 0.0005})
        assert stream.getvalue() == expected
