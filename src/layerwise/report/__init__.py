"""What a run looks like to people: tables here, pictures in `layerwise.report.figure` (which needs the extra "plot").

Nothing is computed that training did not measure: figures and tables take arrays, or the rows of `history.rows()`.
"""

from layerwise.report.text import classes_table, history_table, results_table

__all__ = ["classes_table", "history_table", "results_table"]
