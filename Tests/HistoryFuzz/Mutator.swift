/// SplitMix64: a small generator whose streams differ for every seed.
struct SplitMix: RandomNumberGenerator {
  private var state: UInt64

  init(_ seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var word = state
    word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
    word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
    return word ^ word >> 31
  }
}

/// Damages histories in the ways in which files and those who write them get damaged.
struct Mutator {
  /// Inputs stay below this, so that many are tried.
  static let bytesMax = 8 << 10

  private let family: Family
  private var random: SplitMix

  init(_ family: Family, seed: UInt64) {
    self.family = family
    random = SplitMix(seed)
  }

  /// The input of this seed: a sample, changed up to seven times; now and then as it is.
  mutating func input() -> [UInt8] {
    var bytes = sample()
    for _ in 0..<Int.random(in: 0...7, using: &random) { mutate(&bytes) }
    return bytes.count <= Self.bytesMax ? bytes : Array(bytes.prefix(Self.bytesMax))
  }

  private mutating func sample() -> [UInt8] { Array((family.samples.randomElement(using: &random) ?? "").utf8) }

  private mutating func mutate(_ bytes: inout [UInt8]) {
    switch Int.random(in: 0..<10, using: &random) {
    case 0: if let place = place(bytes) { bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random) }
    case 1: if let place = place(bytes) { bytes[place] = UInt8.random(in: 0...255, using: &random) }
    case 2: bytes.removeSubrange(range(bytes))
    case 3: insert(bytes[range(bytes)], &bytes)
    case 4: bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
    case 5: splice(&bytes)
    case 6: repeatLine(&bytes)
    case 7: bytes.replaceSubrange(range(bytes), with: word())
    default: insert(word()[...], &bytes)
    }
  }

  private mutating func place(_ bytes: [UInt8]) -> Int? { bytes.indices.randomElement(using: &random) }

  /// A short range as a rule, now and then a long one.
  private mutating func range(_ bytes: [UInt8]) -> Range<Int> {
    let start = Int.random(in: 0...bytes.count, using: &random)
    let reach = Bool.random(using: &random) ? 12 : bytes.count
    return start..<Int.random(in: start...min(bytes.count, start + reach), using: &random)
  }

  private mutating func word() -> [UInt8] { Array((family.words.randomElement(using: &random) ?? "").utf8) }

  private mutating func insert(_ part: ArraySlice<UInt8>, _ bytes: inout [UInt8]) {
    let times = Int.random(in: 0..<40, using: &random) == 0 ? 300 : 1
    let place = Int.random(in: 0...bytes.count, using: &random)
    guard part.count * times <= Self.bytesMax else { return }
    bytes.insert(contentsOf: (0..<times).flatMap { _ in part }, at: place)
  }

  /// The beginning of this input with the end of another.
  private mutating func splice(_ bytes: inout [UInt8]) {
    let other = sample()
    bytes.removeLast(Int.random(in: 0...bytes.count, using: &random))
    bytes.append(contentsOf: other.suffix(Int.random(in: 0...other.count, using: &random)))
  }

  /// A line once more, somewhere else.
  private mutating func repeatLine(_ bytes: inout [UInt8]) {
    let lines = bytes.split(separator: 0x0A, omittingEmptySubsequences: false)
    guard let line = lines.randomElement(using: &random) else { return }
    let place = Int.random(in: 0...lines.count, using: &random)
    var changed = lines.map { Array($0) }
    changed.insert(Array(line), at: place)
    bytes = Array(changed.joined(separator: [0x0A]))
  }
}
