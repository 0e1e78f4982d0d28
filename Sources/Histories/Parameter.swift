/// A setting that a catalogue entry (workload, fault, system) offers: what a plan may say and what holds if it does
/// not.
public struct Parameter: Hashable, Sendable {
  /// Which values are allowed, and in which form they reach the entry.
  public enum Kind: Hashable, Sendable {
    /// `Value.int` in the range.
    case int(ClosedRange<Int>)
    /// `Value.double` in the range; integers are accepted and converted.
    case double(ClosedRange<Double>)
    case bool
    case string
    /// `Value.string`, one of these.
    case choice([String])
    /// `Value.list` of distinct strings among these.
    case choices([String])
    /// `Value.map` from each of these names to its weight (`Value.double`, at least 0, not all 0); a name left out has
    /// 0.
    case weights([String])
  }

  public var name: String
  public var kind: Kind
  public var defaultValue: Value
  /// One line for tables and for the message about a wrong value.
  public var summary: String

  public init(_ name: String, _ kind: Kind, default defaultValue: Value, _ summary: String) {
    self.name = name
    self.kind = kind
    self.defaultValue = defaultValue
    self.summary = summary
  }
}

/// One thing wrong with the parameters that somebody gave.
public struct ParameterProblem: Error, Hashable, Sendable, CustomStringConvertible {
  /// The name as given.
  public var parameter: String
  /// What was expected, and what came instead.
  public var message: String
  /// A name or value that exists and was probably meant.
  public var suggestion: String?

  public init(parameter: String, message: String, suggestion: String? = nil) {
    self.parameter = parameter
    self.message = message
    self.suggestion = suggestion
  }

  public var description: String {
    "\(parameter): \(message)" + (suggestion.map { "; did you mean '\($0)'?" } ?? "")
  }
}

extension Parameter {
  /// Checks all that was given and fills in the defaults.
  ///
  /// - Returns: a value for every parameter of the schema, in the form its kind describes (the default where the given
  ///   one is wrong), and all problems, in the schema's order and unknown names after them in alphabetical order.
  public static func resolve(
    given: [String: Value], schema: [Parameter]
  ) -> (values: [String: Value], problems: [ParameterProblem]) {
    var values: [String: Value] = [:]
    var problems: [ParameterProblem] = []
    for parameter in schema {
      do throws(ParameterProblem) {
        values[parameter.name] = try parameter.normalized(given[parameter.name] ?? parameter.defaultValue)
      } catch {
        values[parameter.name] = try? parameter.normalized(parameter.defaultValue)
        problems.append(error)
      }
    }
    let names = schema.map(\.name)
    for name in given.keys.sorted() where !names.contains(name) {
      let known = names.isEmpty ? "there are none here" : "known are \(names.sorted().joined(separator: ", "))"
      problems.append(
        ParameterProblem(
          parameter: name, message: "no such parameter; \(known)", suggestion: Nearest.name(to: name, in: names)))
    }
    return (values, problems)
  }

  /// The value in the form that the kind describes.
  public func normalized(_ value: Value) throws(ParameterProblem) -> Value {
    switch (kind, value) {
    case (.int(let range), .int(let number)):
      if let number = Int(exactly: number), range.contains(number) { return value }
    case (.double(let range), .double(let number)):
      if range.contains(number) { return value }
    case (.double(let range), .int(let number)):
      if range.contains(Double(number)) { return .double(Double(number)) }
    case (.bool, .bool), (.string, .string): return value
    case (.choice(let names), .string(let name)):
      if names.contains(name) { return value }
      throw problem(value, suggestion: Nearest.name(to: name, in: names))
    case (.choices(let names), .list(let chosen)): return try normalized(choices: chosen, among: names)
    case (.weights(let names), .map(let weights)): return try normalized(weights: weights, of: names)
    default: break
    }
    throw problem(value)
  }

  /// The value that a text on a command line stands for: `5`, `0.5`, `true`, `zipf`, `a+b` (choices), `read=2+write=1`
  /// (weights; commas are accepted too where the command line leaves them).
  public func value(parsing text: String) throws(ParameterProblem) -> Value {
    let parsed: Value? =
      switch kind {
      case .int: Int64(text).map { .int($0) }
      case .double: Double(text).map { .double($0) }
      case .bool: Bool(text).map { .bool($0) }
      case .string, .choice: .string(text)
      case .choices: .list(Self.parts(text).map { .string($0) })
      case .weights: Self.weights(parsing: text)
      }
    return try normalized(parsed ?? .string(text))
  }

  /// The kind in words: `an integer in 1...100`.
  public var expectation: String {
    switch kind {
    case .int(let range): "an integer in \(range)"
    case .double(let range): "a number in \(range)"
    case .bool: "true or false"
    case .string: "a text"
    case .choice(let names): "one of \(names.joined(separator: ", "))"
    case .choices(let names): "a list of distinct names among \(names.joined(separator: ", "))"
    case .weights(let names): "weights of at least 0, not all 0, for \(names.joined(separator: ", "))"
    }
  }

  private func problem(_ value: Value, suggestion: String? = nil) -> ParameterProblem {
    ParameterProblem(parameter: name, message: "expected \(expectation), not \(value)", suggestion: suggestion)
  }

  private func normalized(choices: [Value], among names: [String]) throws(ParameterProblem) -> Value {
    var seen: Set<String> = []
    for choice in choices {
      let name = choice.string ?? ""
      guard names.contains(name), seen.insert(name).inserted else {
        let suggestion = names.contains(name) ? nil : Nearest.name(to: name, in: names)
        throw problem(.list(choices), suggestion: suggestion)
      }
    }
    return .list(choices)
  }

  private func normalized(weights: [String: Value], of names: [String]) throws(ParameterProblem) -> Value {
    if let unknown = weights.keys.sorted().first(where: { !names.contains($0) }) {
      throw problem(.map(weights), suggestion: Nearest.name(to: unknown, in: names))
    }
    var complete: [String: Value] = [:]
    var total = 0.0
    for name in names {
      let weight: Double? =
        switch weights[name] {
        case nil: 0
        case .int(let number)?: Double(number)
        case .double(let number)?: number
        default: nil
        }
      guard let weight, weight >= 0, weight.isFinite else { throw problem(.map(weights)) }
      complete[name] = .double(weight)
      total += weight
    }
    guard total > 0, total.isFinite else { throw problem(.map(weights)) }
    return .map(complete)
  }

  private static func parts(_ text: String) -> [String] {
    text.split(whereSeparator: { $0 == "+" || $0 == "," }).map(String.init)
  }

  private static func weights(parsing text: String) -> Value? {
    var weights: [String: Value] = [:]
    for part in parts(text) {
      let pair = part.split(separator: "=", maxSplits: 1)
      guard pair.count == 2, let weight = Double(pair[1]), weights[String(pair[0])] == nil else { return nil }
      weights[String(pair[0])] = .double(weight)
    }
    return .map(weights)
  }
}
