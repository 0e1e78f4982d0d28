/// The header fields of a response, kept as received and parsed only when asked: most operations look at none.
public struct HTTPHeaders: Sendable {
  /// Lines `name: value`, each with its line end; the status line and the blank line are left out.
  var block: [UInt8]

  init(block: [UInt8]) { self.block = block }

  /// From fields in order, as tests and other transports have them.
  public init(_ fields: [HTTPHeader] = []) {
    block = fields.flatMap { Array("\($0.name): \($0.value)\r\n".utf8) }
  }

  /// The first value of `name`, without regard to case.
  public subscript(name: String) -> String? {
    var found: String?
    forEachField { fieldName, value in
      guard equalIgnoringCase(fieldName, name) else { return true }
      found = decode(value)
      return false
    }
    return found
  }

  /// Every value of `name` in order, without regard to case: a field may be repeated.
  public func values(of name: String) -> [String] {
    fields.lazy.filter { $0.name.lowercased() == name.lowercased() }.map(\.value)
  }

  /// All the fields in the order received.
  public var fields: [HTTPHeader] {
    var all: [HTTPHeader] = []
    forEachField { name, value in
      all.append(HTTPHeader(decode(name), decode(value)))
      return true
    }
    return all
  }

  /// Calls `body` with each field's name and trimmed value until it returns false. A line without a colon is skipped.
  private func forEachField(_ body: (ArraySlice<UInt8>, ArraySlice<UInt8>) -> Bool) {
    for line in block.split(separator: Byte.lineFeed) {
      guard let colon = line.firstIndex(of: Byte.colon) else { continue }
      guard body(trim(line[..<colon]), trim(line[(colon + 1)...])) else { return }
    }
  }
}

/// The bytes that HTTP's grammar names.
enum Byte {
  static let tab = UInt8(ascii: "\t")
  static let lineFeed = UInt8(ascii: "\n")
  static let carriageReturn = UInt8(ascii: "\r")
  static let space = UInt8(ascii: " ")
  static let colon = UInt8(ascii: ":")

  static func isBlank(_ byte: UInt8) -> Bool { byte == space || byte == tab || byte == carriageReturn }
}

/// Without blanks at both ends.
private func trim(_ bytes: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
  guard let first = bytes.firstIndex(where: { !Byte.isBlank($0) }),
    let last = bytes.lastIndex(where: { !Byte.isBlank($0) })
  else { return [] }
  return bytes[first...last]
}

private func decode(_ bytes: ArraySlice<UInt8>) -> String { String(decoding: bytes, as: UTF8.self) }

private func equalIgnoringCase(_ bytes: ArraySlice<UInt8>, _ name: String) -> Bool {
  bytes.elementsEqual(name.utf8) { lowercased($0) == lowercased($1) }
}

private func lowercased(_ byte: UInt8) -> UInt8 {
  (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
}
