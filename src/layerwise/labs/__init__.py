"""Worksheets as labs: the same task and data, every experiment and picture, and a table of published against measured."""
