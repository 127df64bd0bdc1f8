"""What earlier years' notebooks count on, put back in a process of its own; nothing of it is seen in this one."""

import subprocess
import sys

import numpy as np
import pytest

from layerwise.courses.picture import as_bytes, imread, imresize, imsave
from layerwise.courses.shim import number

INSTALL = "from layerwise.courses.shim import install\ninstall()\n"
LINES = [
    "import numpy as np; assert np.float is float and np.int is int and np.object is object and np.array([1]).astype(np.float).dtype == float",
    "import numpy as np; assert np.bool(1) and np.product([2, 3]) == 6 and np.Inf == np.inf",
    "from past.builtins import xrange; assert list(xrange(2)) == [0, 1]",
    "from builtins import range, object; from six.moves import xrange, cPickle as pickle; import six; assert pickle.dumps and six.PY3",
    "from google.colab import drive, files; drive.mount('/content/drive'); files.download('x')",
    "import google.colab; google.colab.drive.mount('/x', force_remount=True)",
    "from future import standard_library; standard_library.install_aliases()",
    "import imp; import json; assert imp.reload(json) is json",
    "from scipy.misc import imread, imresize; import scipy.stats",
    "import matplotlib; matplotlib.use('Agg'); import matplotlib.pyplot as plt; fig, ax = plt.subplots(); ax.set_xscale('log', basex=2); assert ax.xaxis.get_transform().base == 2; ax.set_yscale('log', basey=3, nonposy='clip'); plt.hist([1, 2], normed=True); plt.xscale('log', basex=10)",
]


def test_what_is_gone_is_there_in_that_process():
    program = INSTALL + "\n".join(LINES)
    done = subprocess.run([sys.executable, "-W", "error", "-c", program], capture_output=True, encoding="utf-8", check=False)
    assert done.returncode == 0, done.stderr


def test_nothing_is_changed_without_it():
    assert not hasattr(np, "float")
    assert "google.colab" not in sys.modules


def test_a_number_is_made_of_an_array_of_one_element_and_of_no_larger_one():
    assert number(float)(np.array([3.5])) == number(float)("3.5") == 3.5
    assert number(int)(np.array([[3]])) == 3
    with pytest.raises(TypeError):
        number(float)(np.zeros(2))


def test_images_are_read_stretched_and_written_as_scipy_did(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    imsave(str(tmp_path / "a.png"), pixels)
    np.testing.assert_array_equal(imread(str(tmp_path / "a.png")), pixels)
    assert imread(str(tmp_path / "a.png"), mode="L").shape == (6, 8)
    assert imresize(pixels, (3, 4)).shape == (3, 4, 3)
    assert imresize(pixels, 50).shape == imresize(pixels, 0.5).shape == (3, 4, 3)
    np.testing.assert_array_equal(imresize(pixels, (6, 8)), pixels)
    imsave(str(tmp_path / "g.png"), pixels[..., 0])
    np.testing.assert_array_equal(imread(str(tmp_path / "g.png")), pixels[..., 0])


def test_values_of_another_type_are_spread_over_the_bytes():
    np.testing.assert_array_equal(as_bytes(np.array([-1.0, 0.0, 1.0])), [0, 128, 255])
    np.testing.assert_array_equal(as_bytes(np.full(2, 3.0)), [0, 0])
