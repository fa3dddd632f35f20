"""The parts of the Python runner of conformance vectors (docs/conformance.md)."""
