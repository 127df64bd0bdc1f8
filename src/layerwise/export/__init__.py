"""Models in other people's formats: ONNX, scikit-learn's MLP, and one Python file that needs NumPy alone.

`save` proves that a file predicts as its model does before it is kept. scikit-learn is never imported here: its class, or
a fitted object, is handed in.
"""

from layerwise.export.mlp import from_sklearn, to_sklearn
from layerwise.export.proof import Proof
from layerwise.export.script import to_numpy
from layerwise.export.table import FORMATS, save, to_onnx

__all__ = ["FORMATS", "Proof", "from_sklearn", "save", "to_numpy", "to_onnx", "to_sklearn"]
