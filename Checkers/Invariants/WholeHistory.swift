import Histories

extension History {
  /// The history was not split into keys and rest, which would take lists of two for something else.
  ///
  /// - Parameter name: what it is, with its article.
  /// - Throws: `MalformedHistory` at the first event that was split.
  func requireWhole(_ name: String) throws(MalformedHistory) {
    guard keyed, let event = (0..<count).first(where: { keyID(at: $0) != nil }) else { return }
    throw MalformedHistory(index: event, message: "\(name) is one object: its values are not [key, value]")
  }
}
