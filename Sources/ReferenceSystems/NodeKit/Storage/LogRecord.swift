/// The format of the write-ahead log: a header, then records.
///
/// A record is what one fdatasync made durable: magic, length of the body, CRC-32, body; integers are little-endian of
/// 4 bytes. The body holds payloads, each behind its length. As the next record is only written after the sync of the
/// one before, a crash can damage the last record alone; a damaged record with a valid one behind it was damaged later.
/// The CRC covers the record's offset too, so that bytes of a client that look like a record are none.
enum LogRecord {
  /// Opens the file; the digits are the version of the format.
  static let fileHeader: [UInt8] = Array("NKWAL001".utf8)
  /// Opens a record.
  static let magic: [UInt8] = Array("NKR1".utf8)
  /// Magic, length and checksum.
  static let headerBytes = 12
  /// A body may not be longer.
  static let bodyBytesMax = 256 << 20

  /// The record with this body, for this place in the file only.
  static func encode(body: [UInt8], at offset: Int) -> [UInt8] {
    var record = magic
    record.reserveCapacity(headerBytes + body.count)
    append(UInt32(body.count), to: &record)
    append(checksum(body[...], at: offset), to: &record)
    record.append(contentsOf: body)
    return record
  }

  /// Writes a number as the format has it.
  static func append(_ number: UInt32, to bytes: inout [UInt8]) {
    withUnsafeBytes(of: number.littleEndian) { bytes.append(contentsOf: $0) }
  }

  /// Reads the number at the start of `bytes`.
  static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.prefix(4).reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  /// CRC-32 of offset, length and body.
  static func checksum(_ body: ArraySlice<UInt8>, at offset: Int) -> UInt32 {
    var crc = CRC32()
    crc.update(UInt64(offset))
    crc.update(UInt32(body.count))
    crc.update(body)
    return crc.value
  }

  /// The length of the body that a header announces, and its checksum; nil if it is not a header.
  static func header(_ bytes: ArraySlice<UInt8>) -> (bodyBytes: Int, checksum: UInt32)? {
    guard bytes.count >= headerBytes, bytes.starts(with: magic) else { return nil }
    let length = Int(number(bytes.dropFirst(4)))
    guard length > 0, length <= bodyBytesMax else { return nil }
    return (length, number(bytes.dropFirst(8)))
  }

  /// Whether a valid record starts somewhere in `bytes`, which were read from `offset` on.
  static func isAnyValid(in bytes: [UInt8], at offset: Int) -> Bool {
    guard bytes.count > headerBytes else { return false }
    for start in 0..<bytes.count - headerBytes where bytes[start] == magic[0] {
      guard let (length, checksum) = header(bytes[start...]) else { continue }
      let body = bytes[(start + headerBytes)...].prefix(length)
      if body.count == length, self.checksum(body, at: offset + start) == checksum { return true }
    }
    return false
  }

  /// The payloads of a body; nil if it is not made of payloads.
  static func payloads(of body: [UInt8]) -> [[UInt8]]? {
    var payloads: [[UInt8]] = []
    var rest = body[...]
    while !rest.isEmpty {
      guard rest.count >= 4 else { return nil }
      let length = Int(number(rest))
      rest = rest.dropFirst(4)
      guard rest.count >= length else { return nil }
      payloads.append(Array(rest.prefix(length)))
      rest = rest.dropFirst(length)
    }
    return payloads
  }
}
