/// Interns the few names of a history (functions, nodes, errors) from text or from bytes, and keeps each as a `String`.
struct NameTable: Sendable {
  private var bytes = ByteStrings()
  private var names: [String] = []

  var count: Int { names.count }

  subscript(id: UInt32) -> String { names[Int(id)] }

  mutating func intern(_ name: String) -> UInt32 {
    let id = bytes.intern(name)
    if Int(id) == names.count { names.append(name) }
    return id
  }

  /// The id of the name; nil if the bytes are not UTF-8.
  mutating func intern(validating name: UnsafeBufferPointer<UInt8>) -> UInt32? {
    guard let id = bytes.intern(validating: name) else { return nil }
    if Int(id) == names.count { names.append(String(decoding: name, as: UTF8.self)) }
    return id
  }
}
