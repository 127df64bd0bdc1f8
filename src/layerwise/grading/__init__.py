"""Judges a learner's file of course functions: each in a process of its own, with a verdict and the term that is missing.

This is no sandbox: the file runs with your rights on your machine. Limits of time and memory catch accidents, not attacks.
"""

from layerwise.grading.form import gradescope, junit
from layerwise.grading.run import check_file
from layerwise.grading.table import TASKS
from layerwise.grading.verdict import NOT_DONE, RIGHT, WRONG, Remark, Verdict

__all__ = ["check_file", "Verdict", "Remark", "RIGHT", "WRONG", "NOT_DONE", "TASKS", "junit", "gradescope"]
