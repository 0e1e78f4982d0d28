/// What the controller asks of a disk's server: one line of words. The answer is `ok N` and N lines, or `error REASON`.
enum DiskCommand: Hashable, Sendable {
  /// The argument that makes a program the server of a disk.
  static let programArgument = "disk-server"
  /// In the data directory: what the harness writes to see the layer at work. No listing shows names that begin so.
  static let ownPrefix = ".faultline-"
  /// One for power failures, one for probes: an fsync of a probe would save what a power failure is to take.
  static let witnessName = ownPrefix + "witness"
  static let probeName = ownPrefix + "probe"

  case mount
  /// What is not durable becomes so: no power failure.
  case unmount
  /// Unmounts, takes back what is not durable, and mounts again.
  case losePower(TornWrite?)
  case trouble(DiskTrouble)
  case counts

  var text: String {
    switch self {
    case .mount: "mount"
    case .unmount: "unmount"
    case .losePower(nil): "lose"
    case .losePower(let torn?): "lose \(torn.shape.rawValue) \(torn.sectorBytes) \(torn.seed)"
    case .trouble(let trouble):
      "trouble \(trouble.readErrorPercent) \(trouble.writeErrorPercent) \(trouble.syncErrorPercent) "
        + "\(trouble.isFull ? 1 : 0) \(trouble.writeDelayNanoseconds) \(trouble.syncDelayNanoseconds) \(trouble.seed)"
    case .counts: "counts"
    }
  }

  /// Nil for what no controller of this version says.
  init?(_ text: String) {
    let words = text.split(separator: " ")
    switch (words.first, words.count) {
    case ("mount", 1): self = .mount
    case ("unmount", 1): self = .unmount
    case ("lose", 1): self = .losePower(nil)
    case ("lose", 4):
      guard let shape = TornWrite.Shape(rawValue: String(words[1])), let bytes = Int(words[2]), bytes > 0,
        let seed = UInt64(words[3])
      else { return nil }
      self = .losePower(TornWrite(shape: shape, sectorBytes: bytes, seed: seed))
    case ("trouble", 8):
      let numbers = words.dropFirst().compactMap { UInt64($0) }
      guard numbers.count == 7, numbers[..<3].allSatisfy({ $0 <= 100 }) else { return nil }
      var trouble = DiskTrouble()
      trouble.readErrorPercent = Int(numbers[0])
      trouble.writeErrorPercent = Int(numbers[1])
      trouble.syncErrorPercent = Int(numbers[2])
      trouble.isFull = numbers[3] == 1
      (trouble.writeDelayNanoseconds, trouble.syncDelayNanoseconds, trouble.seed) = (numbers[4], numbers[5], numbers[6])
      self = .trouble(trouble)
    case ("counts", 1): self = .counts
    default: return nil
    }
  }
}

extension DiskLoss {
  /// The path comes last, as it may hold anything; a line break in it is shown as a question mark.
  var text: String {
    let shown = path.map { $0.isNewline ? "?" : String($0) }.joined()
    return "\(lostBytes) \(survivingBytes) \(sizeBefore) \(sizeAfter) \(shown)"
  }

  init?(_ text: String) {
    let words = text.split(separator: " ", maxSplits: 4)
    let numbers = words.prefix(4).compactMap { Int($0) }
    guard words.count == 5, numbers.count == 4 else { return nil }
    self.init(
      path: String(words[4]), lostBytes: numbers[0], survivingBytes: numbers[1], sizeBefore: numbers[2],
      sizeAfter: numbers[3])
  }
}

extension DiskCounts {
  var text: String {
    "\(reads) \(writes) \(syncs) \(inputOutputErrors) \(noSpaceErrors) \(delays) \(writtenBackBytes)"
  }

  init?(_ text: String) {
    let numbers = text.split(separator: " ").compactMap { Int($0) }
    guard numbers.count == 7 else { return nil }
    self.init()
    (reads, writes, syncs, inputOutputErrors) = (numbers[0], numbers[1], numbers[2], numbers[3])
    (noSpaceErrors, delays, writtenBackBytes) = (numbers[4], numbers[5], numbers[6])
  }
}
