/// The shared object that the kernel maps into every process, read from its bytes: where its clock functions begin.
///
/// ELF-64, little-endian (System V ABI, chapters 4 and 5). Bytes come from another process: nothing in them is trusted.
struct VDSOImage: Hashable, Sendable {
  /// What is wrong with it, in words.
  struct Unreadable: Error, Hashable {
    var reason: String
  }

  /// A function: where it begins, in bytes from the image's begin, and how long it is.
  struct Function: Hashable, Sendable {
    var offset: Int
    var size: Int
  }

  /// Most entries of a table that are looked at; a vDSO has some 15 symbols.
  private static let entriesMax = 256

  /// By name, functions only.
  private(set) var functions: [String: Function] = [:]
  /// Length of the mapping, in bytes.
  let size: Int
  /// From here on there are only zeros.
  let end: Int

  init(_ bytes: [UInt8]) throws(Unreadable) {
    let elf = ELFBytes(bytes)
    guard bytes.starts(with: [0x7F, 0x45, 0x4C, 0x46, 2, 1]) else {
      throw Unreadable(reason: "the vDSO is no 64-bit little-endian ELF image: is it a 32-bit program?")
    }
    size = bytes.count
    end = (bytes.lastIndex { $0 != 0 } ?? -1) + 1
    try readFunctions(elf)
  }

  private mutating func readFunctions(_ elf: ELFBytes) throws(Unreadable) {
    let (dynamic, bias) = try Self.segments(elf)
    guard let symbols = dynamic[.symbols], let strings = dynamic[.strings] else {
      throw Unreadable(reason: "the vDSO has no table of symbols")
    }
    let table = symbols - bias
    let names = strings - bias
    // Without a hash table: the names follow the symbols in every vDSO so far.
    let count = try dynamic[.hash].map { hash throws(Unreadable) in try elf.number(hash - bias + 4, 4) }
    for index in 0..<min(count ?? max(0, names - table) / 24, Self.entriesMax) {
      let symbol = table + 24 * index
      let kind = try elf.number(symbol + 4, 1) & 0xF
      let value = try elf.number(symbol + 8, 8)
      guard kind == 2, value != 0 else { continue }  // STT_FUNC
      let name = try elf.name(names + elf.number(symbol, 4))
      functions[name] = Function(offset: value - bias, size: try elf.number(symbol + 16, 8))
    }
  }

  private enum Tag: Int {
    case hash = 4
    case strings = 5
    case symbols = 6
  }

  /// The dynamic section's addresses, and what to subtract from an address to get its offset.
  private static func segments(_ elf: ELFBytes) throws(Unreadable) -> ([Tag: Int], bias: Int) {
    let headers = try elf.number(32, 8)
    var bias: Int?
    var dynamic: Int?
    for index in 0..<min(try elf.number(56, 2), entriesMax) {
      let header = headers + 56 * index
      let offset = try elf.number(header + 8, 8)
      switch try elf.number(header, 4) {
      case 1: if bias == nil { bias = try elf.number(header + 16, 8) - offset }  // PT_LOAD
      case 2: dynamic = offset  // PT_DYNAMIC
      default: break
      }
    }
    guard let bias, let dynamic else { throw Unreadable(reason: "the vDSO has no dynamic section") }
    var tags: [Tag: Int] = [:]
    for index in 0..<entriesMax {
      let number = try elf.number(dynamic + 16 * index, 8)
      if number == 0 { break }
      if let tag = Tag(rawValue: number) { tags[tag] = try elf.number(dynamic + 16 * index + 8, 8) }
    }
    return (tags, bias)
  }
}

/// Numbers and names at offsets that may be anything.
private struct ELFBytes {
  private static let nameBytesMax = 64

  private let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Unsigned, of `width` bytes; larger than an `Int` counts as outside of the image.
  func number(_ offset: Int, _ width: Int) throws(VDSOImage.Unreadable) -> Int {
    guard offset >= 0, offset <= bytes.count - width else { throw outside(offset) }
    var value: UInt64 = 0
    for index in (0..<width).reversed() { value = value << 8 | UInt64(bytes[offset + index]) }
    // Sums and products of a few such numbers must not overflow.
    guard value < 1 << 48 else { throw outside(offset) }
    return Int(value)
  }

  func name(_ offset: Int) throws(VDSOImage.Unreadable) -> String {
    guard bytes.indices.contains(offset) else { throw outside(offset) }
    return String(decoding: bytes[offset...].prefix(Self.nameBytesMax).prefix { $0 != 0 }, as: UTF8.self)
  }

  private func outside(_ offset: Int) -> VDSOImage.Unreadable {
    VDSOImage.Unreadable(reason: "the vDSO's tables lead out of it, to \(offset)")
  }
}
