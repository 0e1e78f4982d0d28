import Testing

/// All tests that make sandboxes, one after the other: they measure time and watch the host.
@Suite(.serialized) struct SandboxTests {}
