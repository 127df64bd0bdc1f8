"""Measurements against named peers. Each file prints a table: python -m benchmarks.fit"""
