/// The value of `--faults`, before any name in it is looked up.
///
/// ```
/// faults    = "none" | fault ("," fault)*
/// fault     = name [":" parameter ("," parameter)*]
/// parameter = key "=" value            targets=halves+isolate-one   every=10s   hold=5s
/// ```
/// A comma separates faults and parameters alike: the text is cut at every comma, and a piece that has `=` before any
/// `:` goes on with the parameters of the fault before it.
struct FaultsArgument: Hashable {
  struct Entry: Hashable {
    var name: String
    var parameters: [Parameter] = []
  }

  struct Parameter: Hashable {
    var key: String
    var value: String
  }

  var entries: [Entry]

  init(_ text: String) throws(UnitProblem) {
    entries = []
    if text == "none" { return }
    for piece in text.split(separator: ",", omittingEmptySubsequences: false) {
      let mark = piece.firstIndex { $0 == "=" || $0 == ":" }
      if let mark, piece[mark] == "=" {
        guard !entries.isEmpty else {
          throw UnitProblem(message: "'\(piece)' belongs to no fault: write NAME:\(piece)")
        }
        try add(piece)
      } else if let mark {
        try begin(piece[..<mark], in: text)
        try add(piece[piece.index(after: mark)...])
      } else {
        try begin(piece, in: text)
      }
    }
  }

  private mutating func begin(_ name: Substring, in text: String) throws(UnitProblem) {
    guard !name.isEmpty else { throw UnitProblem(message: "the name of a fault is missing in '\(text)'") }
    guard name != "none" else { throw UnitProblem(message: "'none' stands alone: it cannot be mixed with faults") }
    entries.append(Entry(name: String(name)))
  }

  private mutating func add(_ parameter: Substring) throws(UnitProblem) {
    let parts = parameter.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
      throw UnitProblem(message: "expected key=value behind '\(entries[entries.count - 1].name):', not '\(parameter)'")
    }
    entries[entries.count - 1].parameters.append(Parameter(key: String(parts[0]), value: String(parts[1])))
  }
}
