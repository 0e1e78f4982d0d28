/// CRC-32 as in IEEE 802.3 and zlib: reflected, polynomial 0xEDB88320.
struct CRC32 {
  /// What each byte does to the state.
  private static let table: [UInt32] = (0..<256).map { index in
    (0..<8).reduce(UInt32(index)) { crc, _ in crc & 1 == 1 ? 0xEDB8_8320 ^ (crc >> 1) : crc >> 1 }
  }

  private var state: UInt32 = .max

  /// The checksum of everything so far.
  var value: UInt32 { ~state }

  /// Takes bytes, in order.
  mutating func update(_ bytes: some Sequence<UInt8>) {
    Self.table.withUnsafeBufferPointer { table in
      for byte in bytes { state = table[Int(UInt8(truncatingIfNeeded: state) ^ byte)] ^ (state &>> 8) }
    }
  }

  /// Takes a number as its little-endian bytes.
  mutating func update(_ number: some FixedWidthInteger) {
    withUnsafeBytes(of: number.littleEndian) { update($0) }
  }
}
