"""scikit-learn, imported in this one place; the rest of the room takes what it needs from here."""

from layerwise.errors import missing_extra

try:
    from sklearn.base import (
        BaseEstimator,
        ClassifierMixin,
        ClassNamePrefixFeaturesOutMixin,
        RegressorMixin,
        TransformerMixin,
        clone,
        is_classifier,
    )
    from sklearn.exceptions import ConvergenceWarning, FitFailedWarning
    from sklearn.metrics import accuracy_score, r2_score
    from sklearn.model_selection import GridSearchCV, ParameterGrid, check_cv, train_test_split
    from sklearn.pipeline import Pipeline
    from sklearn.utils import _safe_indexing as rows_of
    from sklearn.utils import check_random_state
    from sklearn.utils.class_weight import compute_sample_weight
    from sklearn.utils.metaestimators import available_if
    from sklearn.utils.multiclass import check_classification_targets, type_of_target
    from sklearn.utils.validation import _check_method_params as check_fit_parameters
    from sklearn.utils.validation import _check_sample_weight as check_sample_weight
    from sklearn.utils.validation import check_array, check_is_fitted, column_or_1d, indexable, validate_data
except ImportError as error:
    raise missing_extra("Estimators need scikit-learn 1.6 or newer", "sklearn") from error

__all__ = [
    "BaseEstimator",
    "ClassNamePrefixFeaturesOutMixin",
    "ClassifierMixin",
    "ConvergenceWarning",
    "FitFailedWarning",
    "GridSearchCV",
    "ParameterGrid",
    "Pipeline",
    "RegressorMixin",
    "TransformerMixin",
    "accuracy_score",
    "available_if",
    "check_array",
    "check_classification_targets",
    "check_cv",
    "check_fit_parameters",
    "check_is_fitted",
    "check_random_state",
    "check_sample_weight",
    "clone",
    "column_or_1d",
    "compute_sample_weight",
    "indexable",
    "is_classifier",
    "r2_score",
    "rows_of",
    "train_test_split",
    "type_of_target",
    "validate_data",
]
