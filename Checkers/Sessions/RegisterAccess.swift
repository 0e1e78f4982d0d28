import Histories

/// What one operation of a register does: `read` looks, `write` writes, `cas` `[from, to]` does both at once.
///
/// What was written is what the invocation asked for, since clients mostly answer a write with nothing.
struct RegisterAccess {
  /// Nil where it writes nothing.
  private(set) var written: ValueWord?
  /// If it completed with `ok`; nil where it looks at nothing.
  private(set) var seen: ValueWord?

  /// - Throws: `MalformedHistory` if it is none of a register.
  init(_ rows: Operations, _ position: Int, _ lists: ListWords) throws(MalformedHistory) {
    let input = rows.input(position)
    switch rows.function(position) {
    case "read": seen = rows.output(position)
    case "write": written = input
    case "cas":
      guard let pair = lists[input], pair.count == 2 else {
        throw MalformedHistory(
          index: Int(rows.invocations[position]),
          message: "expected [from, to], not \(rows.history.values.value(input))")
      }
      (seen, written) = (ValueWord(rawValue: pair[0]), ValueWord(rawValue: pair[1]))
    default:
      throw MalformedHistory(
        index: Int(rows.invocations[position]),
        message: "expected the operations 'read', 'write' and 'cas', not '\(rows.function(position))'")
    }
  }
}
