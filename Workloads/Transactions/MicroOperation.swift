import Histories

/// One step of a transaction as histories have it: `["r", k, null]`, `["append", k, v]`, `["w", k, v]`.
struct MicroOperation: Hashable, Sendable {
  static let read = "r"

  /// `r`, `append` or `w`.
  var name: String
  var key: Int
  /// Null in a read that was not carried out yet.
  var value: Value

  init(_ name: String, _ key: Int, _ value: Value) { (self.name, self.key, self.value) = (name, key, value) }

  static func read(_ key: Int) -> MicroOperation { MicroOperation(read, key, .null) }

  /// nil where this is no micro-operation of ours.
  init?(_ value: Value) {
    guard let parts = value.list, parts.count == 3, let name = parts[0].string,
      let key = parts[1].int.flatMap({ Int(exactly: $0) }), key >= 0
    else { return nil }
    self.init(name, key, parts[2])
  }

  var isRead: Bool { name == Self.read }

  /// As it stands in a transaction's value.
  var listed: Value { .list([.string(name), .int(Int64(key)), value]) }
}
