import Generators
import Glibc

/// Something about a fault that a plan may choose: how long a packet is delayed, by how much a clock jumps.
///
/// In a plan it is a key of the fault beside `targets`, `every` and `hold`; on the command line `--faults NAME:key=value`.
/// A number may be given as a range, `50ms..200ms`: each injection then draws one of it.
public struct FaultParameter: Sendable, Hashable {
  /// What a value is, and in which unit numbers of it are counted.
  public enum Kind: Sendable, Hashable {
    /// `200ms`, `-2s`; counted in seconds.
    case seconds
    /// `5%` or `5`; counted in hundredths.
    case percent
    /// A whole number.
    case count
    /// `512`, `4KB`, `1MiB`; counted in bytes.
    case bytes
    /// `1mbit`, `500kbit`; counted in bits a second.
    case bitsPerSecond
    /// A word; where `choices` is empty, any.
    case text(choices: [String])
  }

  /// As plans write it: lower case, hyphens.
  public var name: String
  /// For `faultline list faults`.
  public var summary: String
  public var kind: Kind
  /// What holds where a plan says nothing.
  public var initial: FaultArgument
  /// Least and greatest number, in the kind's unit; of no meaning for texts.
  public var limits: ClosedRange<Double>

  public init(
    _ name: String, _ summary: String, _ kind: Kind, initial: FaultArgument, limits: ClosedRange<Double> = 0...0
  ) {
    self.name = name
    self.summary = summary
    self.kind = kind
    self.initial = initial
    self.limits = limits
  }
}

/// The value of a parameter. In JSON a number, an array of two numbers, or a string.
public enum FaultArgument: Sendable, Hashable {
  case number(Double)
  /// From the first to the second, both possible.
  case range(Double, Double)
  case text(String)
}

extension FaultArgument: Codable {
  public init(from decoder: any Decoder) throws {
    let container = try decoder.singleValueContainer()
    if let number = try? container.decode(Double.self) {
      self = .number(number)
    } else if let text = try? container.decode(String.self) {
      self = .text(text)
    } else {
      let ends = try container.decode([Double].self)
      guard ends.count == 2, ends[0] <= ends[1] else {
        throw DecodingError.dataCorruptedError(
          in: container, debugDescription: "a range is two numbers, the smaller one first")
      }
      self = .range(ends[0], ends[1])
    }
  }

  public func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    switch self {
    case .number(let number): try container.encode(number)
    case .range(let low, let high): try container.encode([low, high])
    case .text(let text): try container.encode(text)
    }
  }
}

extension FaultParameter {
  /// A range of more than this factor is drawn by its logarithm: of 1 ms to 10 s, what is shorter than a second is more
  /// than a tenth of all that matters.
  static let linearFactorMax = 10.0

  /// One value out of an argument: what is no range stays as it is.
  func draw(_ argument: FaultArgument, _ stream: inout RandomStream) -> FaultArgument {
    guard case .range(let low, let high) = argument else { return argument }
    if kind == .count {
      return .number(Double(Int64.random(in: Int64(low.rounded(.up))...Int64(high.rounded(.down)), using: &stream)))
    }
    let share = stream.unit()
    if low > 0, high > low * Self.linearFactorMax { return .number(low * pow(high / low, share)) }
    return .number(low + (high - low) * share)
  }

  /// Why an argument cannot be used; nil: it can.
  public func problem(_ argument: FaultArgument) -> String? {
    switch (kind, argument) {
    case (.text(let choices), .text(let text)):
      return choices.isEmpty || choices.contains(text) ? nil : "`\(name)` is one of \(choices.joined(separator: ", "))"
    case (.text, _): return "`\(name)` is a text"
    case (_, .text): return "`\(name)` is a number"
    case (_, .number(let number)): return problem(from: number, to: number)
    case (_, .range(let low, let high)): return problem(from: low, to: high)
    }
  }

  private func problem(from low: Double, to high: Double) -> String? {
    guard low <= high else { return "`\(name)` must be a range from less to more, not \(low)..\(high)" }
    guard limits.contains(low), limits.contains(high) else {
      return "`\(name)` must be within \(limits.lowerBound) and \(limits.upperBound)"
    }
    if kind == .count, low.rounded(.up) > high.rounded(.down) { return "`\(name)` must be a whole number" }
    return nil
  }
}

/// The parameters of one entry of a plan, drawn for one injection after the other.
struct ParameterDraws {
  /// Why nothing can be drawn.
  let problem: String?
  private var lanes: [(parameter: FaultParameter, argument: FaultArgument, stream: RandomStream)] = []

  /// - Parameter name: of the entry's stream.
  init(
    _ parameters: [FaultParameter], _ arguments: [String: FaultArgument], _ streams: RandomStreams, _ name: String
  ) {
    for parameter in parameters {
      let argument = arguments[parameter.name] ?? parameter.initial
      lanes.append((parameter, argument, streams.stream("\(name)/\(parameter.name)")))
    }
    let known = Set(parameters.map(\.name))
    let unknown = arguments.keys.filter { !known.contains($0) }.sorted()
    problem =
      unknown.first.map { "it has no parameter `\($0)`" }
      ?? lanes.lazy.compactMap { $0.parameter.problem($0.argument) }.first
  }

  mutating func draw() -> [String: FaultArgument] {
    var drawn: [String: FaultArgument] = [:]
    for index in lanes.indices {
      let lane = lanes[index]
      drawn[lane.parameter.name] = lane.parameter.draw(lane.argument, &lanes[index].stream)
    }
    return drawn
  }
}

extension FaultAction {
  /// A parameter's number in its kind's unit; nil where the action has none of that name.
  public func number(_ name: String) -> Double? {
    if case .number(let number) = parameters[name] { number } else { nil }
  }

  /// A parameter's text; nil where the action has none of that name.
  public func text(_ name: String) -> String? {
    if case .text(let text) = parameters[name] { text } else { nil }
  }
}
