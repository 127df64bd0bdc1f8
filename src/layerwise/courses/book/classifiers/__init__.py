"""The book's classifiers, one folder a chapter."""
