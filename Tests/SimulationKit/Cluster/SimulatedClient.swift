/// A client: one operation at a time.
public struct SimulatedClient<System: ClusterSimulation>: Sendable {
  /// What it asks for, and for how many times.
  struct Running: Sendable {
    /// Another in each attempt.
    var request: UInt64 = 0
    let operation: System.Operation
    /// Attempts after the first.
    var retries = 0
  }

  /// What it knows.
  public var memory = System.Client()
  var running: Running?

  /// A client that has not asked for anything yet.
  public init() {}
}
