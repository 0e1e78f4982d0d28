/// A name in a directory, as bytes: the kernel knows no encoding.
struct FileName: Hashable, Sendable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }
  init(_ text: String) { bytes = Array(text.utf8) }
}

/// A path from the data directory on, for the calls that take a directory's descriptor.
struct BackingPath: Hashable, Sendable {
  /// With slashes between the names; empty for the directory itself.
  private(set) var bytes: [UInt8] = []

  mutating func append(_ name: FileName) {
    if !bytes.isEmpty { bytes.append(0x2F) }
    bytes += name.bytes
  }

  func appending(_ name: FileName) -> BackingPath {
    var path = self
    path.append(name)
    return path
  }

  var text: String { String(decoding: bytes, as: UTF8.self) }

  func withCString<Result>(_ body: (UnsafePointer<CChar>) -> Result) -> Result {
    let terminated = (bytes.isEmpty ? [0x2E] : bytes) + [0]
    return terminated.withUnsafeBytes { raw in
      raw.withMemoryRebound(to: CChar.self) { buffer in
        guard let start = buffer.baseAddress else { preconditionFailure("an array with a terminator has an address") }
        return body(start)
      }
    }
  }
}
