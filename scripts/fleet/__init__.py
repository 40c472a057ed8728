"""The `fleet` command line: builds, checks, runs and ships the functions of `functions.yaml`."""
