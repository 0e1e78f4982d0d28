import Histories

extension FindingLog {
  /// A read that lists an element that nobody had begun to add when it ended, or only operations that failed.
  ///
  /// - Parameter failed: event index of the invocation of one that failed, begun before the read ended.
  /// - Parameter later: that of the first other addition.
  mutating func addUnwritten(
    _ element: UInt32, of object: ElementHistory, _ read: ElementHistory.Read, failed: UInt32?,
    later: UInt32?
  ) {
    addUnwritten(
      object.value(element), key: object.key, object.additionName, read.invocation, read.completion, failed: failed,
      later: later)
  }

  /// The same of a value that a read found which has these events.
  mutating func addUnwritten(
    _ value: @autoclosure () -> Value, key: Value?, _ name: AdditionName, _ invocation: UInt32, _ completion: UInt32,
    failed: UInt32?, later: UInt32?
  ) {
    add(failed == nil ? .thinAirRead : .abortedRead, key: key) { witnesses in
      let (begin, end) = (Int(invocation), Int(completion))
      let other = (failed ?? later).map { Int($0) }
      let why =
        if failed != nil, let other {
          "which only \(witnesses.name(other, nil)) tried to \(name.rawValue), and that failed"
        } else if let other {
          "which nobody had begun to \(name.rawValue): \(witnesses.name(other, nil)) did so later"
        } else {
          "which nobody \(name.past)"
        }
      return (
        "\(witnesses.name(begin, end)) saw \(value()), \(why)", [begin] + [other].compactMap { $0 },
        [begin, end] + [other].compactMap { $0 }
      )
    }
  }
}

/// The operation that puts a value where reads find it.
enum AdditionName: String {
  case add
  case write
  case put

  /// For sentences: "which nobody added".
  var past: String {
    switch self {
    case .add: "added"
    case .write: "wrote"
    case .put: "put there"
    }
  }
}
