/// Interns byte strings as dense ids, in order of first use; they are looked up where they lie, without a `String`.
///
/// Each string is checked to be UTF-8 once, when it is new: bytes that equal those of a known string need no check.
struct ByteStrings: Sendable {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []
  private var hashes: [UInt32] = []
  /// Open addressing: id plus one, or 0.
  private var table: [UInt32] = Array(repeating: 0, count: 64)

  var count: Int { ends.count }

  /// The id of these bytes, a new one if they were never seen; nil if they are not UTF-8.
  mutating func intern(validating text: UnsafeBufferPointer<UInt8>) -> UInt32? {
    let (hash, isASCII) = Self.hash(text)
    let (id, place) = find(text, hash)
    if let id { return id }
    guard isASCII || String(validating: text, as: UTF8.self) != nil else { return nil }
    return append(text, hash, place)
  }

  mutating func intern(_ text: String) -> UInt32 {
    var text = text
    return text.withUTF8 { text in
      let hash = Self.hash(text).hash
      let (id, place) = find(text, hash)
      return id ?? append(text, hash, place)
    }
  }

  /// The id of the text, if it was seen.
  func id(of text: String) -> UInt32? {
    var text = text
    return text.withUTF8 { find($0, Self.hash($0).hash).id }
  }

  subscript(id: UInt32) -> String { withBytes(id) { String(decoding: $0, as: UTF8.self) } }

  /// The bytes of the string with this id, where they lie.
  func withBytes<Result>(_ id: UInt32, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
    bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range(id)])) }
  }

  private func range(_ id: UInt32) -> Range<Int> { (id == 0 ? 0 : ends[Int(id) - 1])..<ends[Int(id)] }

  /// The id of the text, if it was seen, and the place of the table where it is or belongs.
  private func find(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt32) -> (id: UInt32?, place: Int) {
    var place = Int(hash) & (table.count - 1)
    while table[place] != 0 {
      let id = table[place] - 1
      if hashes[Int(id)] == hash, isEqual(id, text) { return (id, place) }
      place = (place + 1) & (table.count - 1)
    }
    return (nil, place)
  }

  private func isEqual(_ id: UInt32, _ text: UnsafeBufferPointer<UInt8>) -> Bool {
    withBytes(id) { known in
      guard known.count == text.count else { return false }
      for offset in 0..<text.count where known[offset] != text[offset] { return false }
      return true
    }
  }

  private mutating func append(_ text: UnsafeBufferPointer<UInt8>, _ hash: UInt32, _ place: Int) -> UInt32 {
    let id = UInt32(ends.count)
    bytes.append(contentsOf: text)
    ends.append(bytes.count)
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

  /// Eight bytes a step, each folded in by a full-width product; `isASCII` is a by-product.
  private static func hash(_ text: UnsafeBufferPointer<UInt8>) -> (hash: UInt32, isASCII: Bool) {
    let raw = UnsafeRawBufferPointer(text)
    var hash = UInt64(raw.count) ^ 0x9E37_79B9_7F4A_7C15
    var highBits: UInt64 = 0
    var offset = 0
    while offset + 8 <= raw.count {
      let word = raw.loadUnaligned(fromByteOffset: offset, as: UInt64.self)
      highBits |= word
      hash = fold(hash ^ word)
      offset += 8
    }
    var tail: UInt64 = 0
    while offset < raw.count {
      tail = tail << 8 | UInt64(raw[offset])
      offset += 1
    }
    hash = fold(hash ^ tail)
    let isASCII = (highBits | tail) & 0x8080_8080_8080_8080 == 0
    return (UInt32(truncatingIfNeeded: hash ^ hash >> 32), isASCII)
  }

  private static func fold(_ word: UInt64) -> UInt64 {
    let product = word.multipliedFullWidth(by: 0xA076_1D64_78BD_642F)
    return product.high ^ product.low
  }
}
