import Foundation
import Histories
import Systems

/// The claim `no-panic`: no node's log holds a line that its description calls a panic, and no process ended by itself.
public struct NoPanic {
  /// A process that ended although nobody had asked it to.
  public struct UnexpectedEnd: Sendable, Hashable {
    public var node: String
    /// `exit code 1`, `signal 6`.
    public var how: String
    /// Nanoseconds since the run's start.
    public var time: Int64

    public init(node: String, how: String, time: Int64) {
      self.node = node
      self.how = how
      self.time = time
    }
  }

  /// Lines reported of one node: the first ones are what a reader needs.
  static let linesMax = 3
  /// Longest part of a line that is reported, in characters.
  static let lineCharactersMax = 300

  let patterns: [Pattern]

  /// - Throws: what a pattern that does not compile is about; plans are checked for that before.
  public init(patterns: [String]) throws { self.patterns = try patterns.map { try Pattern($0) } }

  /// Judges the logs, given as the bytes of each node's in order.
  public func check(logs: [(node: String, bytes: [UInt8])], unexpectedEnds: [UnexpectedEnd]) -> CheckResult {
    var findings = unexpectedEnds.map { end in
      Finding(
        anomaly: "unexpected-exit",
        summary: "\(end.node) ended by itself (\(end.how)) at \(Self.seconds(end.time)) s; see its log",
        operations: [], fingerprint: "unexpected-exit \(end.how)")
    }
    for (node, bytes) in logs {
      for line in panics(bytes) {
        findings.append(
          Finding(
            anomaly: "panic", summary: "\(node) logged: \(line.prefix(Self.lineCharactersMax))", operations: [],
            fingerprint: "panic"))
      }
    }
    return CheckResult(
      verdict: findings.isEmpty ? .valid : .invalid, algorithm: "log patterns and process ends", findings: findings)
  }

  /// The first lines that match a pattern.
  private func panics(_ log: [UInt8]) -> [String] {
    var found: [String] = []
    log.withUnsafeBufferPointer { bytes in
      var start = 0
      while start < bytes.count, found.count < Self.linesMax {
        let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
        let line = UnsafeBufferPointer(rebasing: bytes[start..<end])
        if patterns.contains(where: { $0.matches(line) }) { found.append(String(decoding: line, as: UTF8.self)) }
        start = end + 1
      }
    }
    return found
  }

  static func seconds(_ nanoseconds: Int64) -> String { String(format: "%.3f", Double(nanoseconds) / 1e9) }
}
