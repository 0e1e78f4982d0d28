import Histories

/// The one wording for a name that nobody knows, everywhere in templates and plans.
public enum UnknownName {
  /// Names that a message lists at most.
  static let listedMax = 20

  /// `unknown fault 'partitoin'; did you mean 'partition'?`, or the known names where none is near.
  ///
  /// - Parameter kind: what it should have been the name of: `fault`, `key of client`.
  public static func message(_ kind: String, _ name: String, known: [String]) -> String {
    if let nearest = Nearest.name(to: name, in: known) {
      return "unknown \(kind) '\(name)'; did you mean '\(nearest)'?"
    }
    if known.isEmpty { return "unknown \(kind) '\(name)': there is none" }
    let listed = known.prefix(listedMax).joined(separator: ", ")
    return "unknown \(kind) '\(name)'; known: \(listed)\(known.count > listedMax ? ", …" : "")"
  }
}
