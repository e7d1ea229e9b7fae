"""A fuzzer for the way from SSE payloads to events; docs/fuzzing.md tells how to use it."""
