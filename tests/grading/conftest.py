"""Learners' files are no tests."""

collect_ignore_glob = ["right/*"]
