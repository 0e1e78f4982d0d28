import Histories

extension Operations {
  /// Calls the body with each object of the history in turn, in the order of their first operations: its key and the
  /// positions of its operations, in order of invocation. Of a history without keys there is one object.
  ///
  /// - Throws: `MalformedHistory` for the first operation of a keyed history that has no key, or answers under another;
  ///   what the body throws.
  func forEachObject(
    _ body: (_ key: Value?, _ positions: ArraySlice<UInt32>) throws(MalformedHistory) -> Void
  ) throws(MalformedHistory) {
    guard history.keyed else { return try body(nil, ArraySlice(0..<UInt32(count))) }
    try requireKeys()
    for key in 0..<UInt32(history.keys.count) { try body(history.keys[key], positions(key: key)) }
  }

  private func requireKeys() throws(MalformedHistory) {
    for position in 0..<count {
      guard keyID(position) != nil else {
        throw MalformedHistory(
          index: Int(invocations[position]),
          message: "expected [key, value], as other operations of the history have it"
        )
      }
      try requireSameKey(position)
    }
  }
}

/// Event indices of operations, as the columns of these checkers hold them.
enum EventIndex {
  /// "Has no such event"; later than all.
  static let never = UInt32.max
}

/// What to say of a list where a scalar is due: it may be a key and a value.
enum KeyHint {
  static func text(_ word: ValueWord, _ history: History) -> String {
    history.keyed || history.values.pair(word) == nil ? "" : "; of many objects, each [key, value]: --keyed yes"
  }
}
