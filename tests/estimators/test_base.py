"""Where scikit-learn is missing, the error names the extra; where it is not asked for, it is not imported."""

import subprocess
import sys


def run(text):
    return subprocess.run([sys.executable, "-c", text], capture_output=True, text=True, check=False)


def test_the_error_names_the_extra():
    told = run("import sys; sys.modules['sklearn'] = None; import layerwise as lw; lw.estimators")
    assert told.stderr.rstrip().endswith("Estimators need scikit-learn 1.6 or newer. Install it with: pip install 'layerwise[sklearn]'")


def test_scikit_learn_is_imported_with_the_estimators_alone():
    assert run("import sys, layerwise as lw; lw.train; assert 'sklearn' not in sys.modules; lw.estimators.MLPClassifier()").returncode == 0
