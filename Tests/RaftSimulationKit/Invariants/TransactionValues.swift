import RaftKV

extension MicroOperation {
  /// What a client writes that nobody else writes.
  var ownValue: Bytes? {
    switch self {
    case .write(_, let value), .append(_, let value): value
    case .read, .add, .atLeast: nil
    }
  }

  /// Whether it changes nothing, and is no guard.
  var isRead: Bool { if case .read = self { true } else { false } }
}

extension StoredValue {
  /// nil if it is no list.
  var elements: [Bytes]? { if case .list(let elements) = self { elements } else { nil } }

  /// nil if it is no register with a number.
  var number: Int64? {
    guard case .register(let text) = self else { return nil }
    return Int64(String(decoding: text, as: UTF8.self))
  }
}
