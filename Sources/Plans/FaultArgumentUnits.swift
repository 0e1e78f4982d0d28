import Nemesis
import Systems

/// The parameters of faults as plans and command lines write them.
extension Units {
  /// A value, or a range of numbers: `50ms..200ms`.
  static func argument(_ text: String, of parameter: FaultParameter) throws(UnitProblem) -> FaultArgument {
    if case .text = parameter.kind { return try checked(.text(text), text, parameter) }
    guard let dots = text.firstRange(of: "..") else {
      return try checked(.number(try number(text, parameter, in: text)), text, parameter)
    }
    let low = try number(String(text[..<dots.lowerBound]), parameter, in: text)
    let high = try number(String(text[dots.upperBound...]), parameter, in: text)
    guard low <= high else {
      throw UnitProblem(message: "'\(text)' is no range: write the smaller end first")
    }
    return try checked(.range(low, high), text, parameter)
  }

  private static func checked(
    _ argument: FaultArgument, _ text: String, _ parameter: FaultParameter
  ) throws(UnitProblem) -> FaultArgument {
    guard parameter.problem(argument) != nil else { return argument }
    if case .text(let choices) = parameter.kind {
      throw UnitProblem(message: UnknownName.message(parameter.name, text, known: choices))
    }
    let (low, high) = (words(parameter.limits.lowerBound, parameter), words(parameter.limits.upperBound, parameter))
    throw UnitProblem(message: "'\(parameter.name)' is from \(low) to \(high), not \(text)")
  }

  private static func number(
    _ part: String, _ parameter: FaultParameter, in text: String
  ) throws(UnitProblem) -> Double {
    guard let (number, unit) = split(part), let factor = factors(parameter.kind)[unit] else {
      throw UnitProblem(
        message: "expected \(example(parameter.kind)) for '\(parameter.name)', or a range of it with .., not '\(text)'")
    }
    return number * factor
  }

  /// What one of each unit is.
  private static func factors(_ kind: FaultParameter.Kind) -> [String: Double] {
    switch kind {
    case .seconds: ["us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3600]
    case .percent: ["": 1, "%": 1]
    case .count: ["": 1]
    case .bytes:
      ["": 1, "B": 1, "kB": 1e3, "KB": 1e3, "MB": 1e6, "GB": 1e9, "KiB": 0x1p10, "MiB": 0x1p20, "GiB": 0x1p30]
    case .bitsPerSecond: ["bit": 1, "kbit": 1e3, "mbit": 1e6, "gbit": 1e9]
    case .text: [:]
    }
  }

  private static func example(_ kind: FaultParameter.Kind) -> String {
    switch kind {
    case .seconds: "a time such as 200ms or 2s"
    case .percent: "a percentage such as 5%"
    case .count: "a whole number"
    case .bytes: "a size such as 512B, 4KB or 1MiB"
    case .bitsPerSecond: "a rate such as 500kbit or 1mbit"
    case .text: "a word"
    }
  }

  /// A number of a parameter's kind as people write it: `200ms`, `5%`.
  private static func words(_ number: Double, _ parameter: FaultParameter) -> String {
    switch parameter.kind {
    case .seconds where abs(number) >= 3600 && number.remainder(dividingBy: 3600) == 0: "\(rounded(number / 3600))h"
    case .seconds: abs(number) < 1 && number != 0 ? "\(rounded(number * 1e3))ms" : "\(rounded(number))s"
    case .percent: "\(rounded(number))%"
    case .count, .text: rounded(number)
    case .bytes: "\(rounded(number))B"
    case .bitsPerSecond: number >= 1e6 ? "\(rounded(number / 1e6))mbit" : "\(rounded(number / 1e3))kbit"
    }
  }

  /// Three decimals at most: 0.05 s must not read 50.000000000000004ms.
  private static func rounded(_ number: Double) -> String { plain((number * 1e3).rounded() / 1e3) }

  /// What a parameter takes and what holds where nobody says: `a time such as 200ms or 2s; default 50ms..200ms`.
  public static func words(_ parameter: FaultParameter) -> String {
    let initial =
      switch parameter.initial {
      case .number(let number): words(number, parameter)
      case .range(let low, let high): "\(words(low, parameter))..\(words(high, parameter))"
      case .text(let text): text
      }
    if case .text(let choices) = parameter.kind, !choices.isEmpty {
      return "\(choices.joined(separator: ", ")); default \(initial)"
    }
    return "\(example(parameter.kind)); default \(initial)"
  }
}
