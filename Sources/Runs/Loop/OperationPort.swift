import Systems

/// How an operation ended, as a port reports it.
struct PortCompletion {
  var slot: Int
  var outcome: OperationOutcome
  /// When its last byte was read, in nanoseconds of CLOCK_MONOTONIC.
  var time: Int64
}

/// Where the client loop sends operations: HTTP here; other kinds of clients are other ports.
///
/// A port lives on the loop's thread and works on many operations at once, one a slot.
protocol OperationPort: ~Copyable {
  /// Sends the operation; its slot stays taken until `wait` reports it.
  ///
  /// - Parameter node: index of the node in the cluster's order.
  mutating func start(slot: Int, _ operation: PendingOperation, node: Int)
  /// Returns at `deadline` (nanoseconds of CLOCK_MONOTONIC), after a completion, or when woken.
  mutating func wait(until deadline: Int64, into completions: inout [PortCompletion]) throws
  /// Requests that were sent once more so far (`Resending`).
  var resent: Int { get }
}
