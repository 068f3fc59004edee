"""The driver of tests/bench/run."""
