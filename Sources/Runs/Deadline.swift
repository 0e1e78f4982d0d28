/// Returns when `body` has, or when the time is over; then `body` goes on alone.
///
/// - Parameter untilCancelled: return too when the calling task is cancelled.
func withDeadline(
  seconds: Double, untilCancelled: Bool = false, _ body: @escaping @Sendable () async -> Void
) async {
  let (gate, opener) = AsyncStream.makeStream(of: Never.self)
  Task {
    await body()
    opener.finish()
  }
  let timer = Task {
    try? await Task.sleep(for: .milliseconds(Int64(seconds * 1000)))
    opener.finish()
  }
  // In a task of its own, because iterating in a cancelled task would end at once.
  let waiting = Task { for await _ in gate {} }
  await withTaskCancellationHandler {
    await waiting.value
  } onCancel: {
    if untilCancelled { opener.finish() }
  }
  timer.cancel()
}
