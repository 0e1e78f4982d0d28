import Generators
import Histories

/// What a workload is built from.
public struct WorkloadSettings: Sendable {
  /// Complete and validated: what `Parameter.resolve` returned for the workload's schema.
  public var parameters: [String: Value]
  /// Number of client threads.
  public var threads: Int
  /// The run's randomness; a workload draws only from streams whose names begin with its own.
  public var streams: RandomStreams
  /// Names of the nodes, in order.
  public var nodes: [String]

  public init(parameters: [String: Value], threads: Int, streams: RandomStreams, nodes: [String]) {
    self.parameters = parameters
    self.threads = threads
    self.streams = streams
    self.nodes = nodes
  }

  /// The integer parameter with this name.
  public func int(_ name: String) throws(WorkloadError) -> Int {
    guard let value = parameters[name]?.int.flatMap({ Int(exactly: $0) }) else { throw missing(name, "an integer") }
    return value
  }

  /// The number parameter with this name.
  public func double(_ name: String) throws(WorkloadError) -> Double {
    guard case .double(let value)? = parameters[name] else { throw missing(name, "a number") }
    return value
  }

  /// The text or choice parameter with this name.
  public func string(_ name: String) throws(WorkloadError) -> String {
    guard let value = parameters[name]?.string else { throw missing(name, "a text") }
    return value
  }

  /// The weights of the parameter with this name, in the order of `names`.
  public func weights(_ name: String, of names: [String]) throws(WorkloadError) -> [Double] {
    let weights = parameters[name]?.map ?? [:]
    return try names.map { item throws(WorkloadError) in
      guard case .double(let weight)? = weights[item] else { throw missing(name, "a weight for '\(item)'") }
      return weight
    }
  }

  private func missing(_ name: String, _ wanted: String) -> WorkloadError {
    WorkloadError(
      message: "parameter '\(name)' must be \(wanted), not \(parameters[name] ?? .null); "
        + "resolve the parameters against the workload's schema first")
  }
}

/// Settings that a workload cannot be built from.
public struct WorkloadError: Error, Hashable, Sendable, CustomStringConvertible {
  public var message: String
  public var description: String { message }

  public init(message: String) { self.message = message }
}
