import Histories

extension Operations {
  /// Refuses an `ok` completion with another value than its invocation's, of a function that answers nothing: one of
  /// the two events is not what happened. Null is what some clients record instead.
  ///
  /// - Throws: `MalformedHistory` at the completion.
  func requireEcho(_ position: Int, _ lists: ListWords) throws(MalformedHistory) {
    guard outcome(position) == .ok, let completion = completion(position) else { return }
    let (input, output) = (input(position), output(position))
    if output.isNull || lists.isEqual(input, output) { return }
    throw MalformedHistory(
      index: completion,
      message: "'\(function(position))' of \(history.values.value(input)) completes with "
        + "\(history.values.value(output)): expected its own value, or null")
  }

  /// Refuses an `ok` completion with another key than its invocation's, of a keyed history.
  ///
  /// - Throws: `MalformedHistory` at the completion.
  func requireSameKey(_ position: Int) throws(MalformedHistory) {
    guard outcome(position) == .ok, let completion = completion(position) else { return }
    if completionKeyID(position) != keyID(position) {
      throw MalformedHistory(index: completion, message: "the completion has another key than its invocation")
    }
  }
}

extension ListWords {
  /// Whether two words of the store stand for equal values: those of equal scalars are equal, those of lists and maps
  /// need not be. The depth is that of the values, which the reader of a file limits.
  fileprivate func isEqual(_ first: ValueWord, _ second: ValueWord) -> Bool {
    if first == second { return true }
    let (ours, theirs) =
      first.isMap && second.isMap ? (entries(first), entries(second)) : (self[first], self[second])
    guard let ours, let theirs, ours.count == theirs.count else { return false }
    return ours.indices.allSatisfy { isEqual(ValueWord(rawValue: ours[$0]), ValueWord(rawValue: theirs[$0])) }
  }
}
