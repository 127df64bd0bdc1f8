"""The command line: one file per sub-command, and no logic."""
