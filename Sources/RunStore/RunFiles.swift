import Foundation

/// A file of the store that cannot be written or read.
public struct StoreError: Error, Sendable, CustomStringConvertible {
  public let path: String
  public let message: String

  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }

  public var description: String { "\(path): \(message)" }
}

/// Whole files, written so that a reader sees the old content or the new, never half of it.
public enum RunFiles {
  /// Replaces the file at `path`.
  ///
  /// - Throws: `StoreError` with the system's reason.
  public static func write(_ bytes: [UInt8], to path: String) throws(StoreError) {
    let temporary = path + ".tmp"
    do {
      try Data(bytes).write(to: URL(fileURLWithPath: temporary))
    } catch {
      throw StoreError(path: path, message: "cannot be written: \(error.localizedDescription)")
    }
    guard rename(temporary, path) == 0 else { throw StoreError(path: path, message: lastError()) }
  }

  /// Replaces the file with `value` as JSON: keys sorted, two spaces of indentation, slashes as they are.
  public static func write(json value: some Encodable, to path: String) throws(StoreError) {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
    guard let data = try? encoder.encode(value) else { throw StoreError(path: path, message: "has no JSON form") }
    try write(Array(data) + [0x0A], to: path)
  }

  /// The bytes of a file.
  ///
  /// - Throws: `StoreError` with the system's reason.
  public static func read(_ path: String) throws(StoreError) -> [UInt8] {
    do {
      return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    } catch {
      throw StoreError(path: path, message: "cannot be read: \(error.localizedDescription)")
    }
  }

  /// The value of a JSON file.
  public static func read<Content: Decodable>(json type: Content.Type, from path: String) throws(StoreError) -> Content
  {
    let bytes = try read(path)
    do {
      return try JSONDecoder().decode(type, from: Data(bytes))
    } catch {
      throw StoreError(path: path, message: "is not what Faultline writes: \(DecodingWords.of(error))")
    }
  }

  static func lastError() -> String { String(cString: strerror(errno)) }
}
