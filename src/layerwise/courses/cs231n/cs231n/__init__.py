"""The package that the notebooks of CS231n call `cs231n`, 2018 to 2026. CSE493G1's `cse493g1` has the same files under that name.

Imports in it are relative, so that a file finds those of the package that it was loaded as, and a learner's own where they stand
first on that package's path. Functions take the course's arguments and call this library's; no arithmetic is done here.
"""
