"""What the tests of the data plane share: made-up and real objects, a storage that stops."""
