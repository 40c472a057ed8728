"""A mutation fuzzer over all that reads bytes of others; CONTRIBUTING.md says how to use it."""
