"""Settings that every test and every docstring example shares."""

import os
import signal
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

collect_ignore_glob = [
    *("tests/grading/*/*", "tests/courses/notebooks/*", "docs/examples/*"),  # learners' files: read by tests, not tests themselves
    "src/layerwise/courses/*/*",  # what notebooks import, by other names than a test would
]

signal.signal(signal.SIGINT, signal.default_int_handler)  # a runner in the background ignores Ctrl-C, and all it starts would too

settings.register_profile("dev", max_examples=30, deadline=None)
settings.register_profile("ci", max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("deep", max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "dev"))


@pytest.fixture(autouse=True)
def _names_in_docstring_examples(doctest_namespace: dict[str, Any]) -> None:
    doctest_namespace["np"] = np
