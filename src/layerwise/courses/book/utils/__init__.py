"""The book's helpers."""
