/// Interns byte strings as dense ids, in order of first use; they are looked up where they lie, without a `String`.
struct ByteStrings: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [UInt32] = []
  private var hashes: [UInt32] = []
  /// Open addressing: id plus one, or 0.
  private var table: [UInt32] = Array(repeating: 0, count: 64)

  var count: Int { ends.count }

  /// The id of these bytes, a new one if they were never seen; whether they are UTF-8 is the caller's business.
  mutating func intern(_ text: UnsafeBufferPointer<UInt8>) -> UInt32 {
    let hash = Self.hash(text)
    var place = Int(hash) & (table.count - 1)
    while table[place] != 0 {
      let id = table[place] - 1
      if hashes[Int(id)] == hash, isEqual(id, text) { return id }
      place = (place + 1) & (table.count - 1)
    }
    return append(text, hash, place)
  }

  mutating func intern(_ text: String) -> UInt32 {
    var text = text
    return text.withUTF8 { intern($0) }
  }

  /// The id of the text, if it was seen.
  func id(of text: String) -> UInt32? {
    var text = text
    return text.withUTF8 { text in
      let hash = Self.hash(text)
      var place = Int(hash) & (table.count - 1)
      while table[place] != 0 {
        let id = table[place] - 1
        if hashes[Int(id)] == hash, isEqual(id, text) { return id }
        place = (place + 1) & (table.count - 1)
      }
      return nil
    }
  }

  subscript(id: UInt32) -> String { String(decoding: bytes[range(id)], as: UTF8.self) }

  private func range(_ id: UInt32) -> Range<Int> {
    (id == 0 ? 0 : Int(ends[Int(id) - 1]))..<Int(ends[Int(id)])
  }

  private func isEqual(_ id: UInt32, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    let range = range(id)
    guard range.count == text.count else { return false }
    for offset in 0..<text.count where bytes[range.lowerBound + offset] != text[offset] { return false }
    return true
  }

  private mutating func append(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt32, _ place: Int) -> UInt32 {
    let id = UInt32(ends.count)
    bytes.append(contentsOf: text)
    ends.append(UInt32(bytes.count))
    hashes.append(hash)
    table[place] = id + 1
    if ends.count * 2 > table.count { grow() }
    return id
  }

  private mutating func grow() {
    table = Array(repeating: 0, count: table.count * 2)
    for (id, hash) in hashes.enumerated() {
      var place = Int(hash) & (table.count - 1)
      while table[place] != 0 { place = (place + 1) & (table.count - 1) }
      table[place] = UInt32(id) + 1
    }
  }

  /// FNV-1a with a final mix: the strings are names and keys, a few bytes long.
  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> UInt32 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325
    for byte in text { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
    return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
  }
}
