/// What the kernel has counted in our chains.
struct QueueCounters: Hashable, Sendable {
  /// Judged packets by what befell them, apart from our own datagrams.
  var fates: [PacketFates: PacketCount] = [:]
  /// Packets that were to be shown to us, by link, since it is queued.
  var offered: [AddressPair: Int] = [:]

  init() {}

  /// - Parameter text: what iptables-save printed, counters included. Lines of other chains are passed over.
  /// - Throws: `ClusterError.unreadableOutput` for a line of our chains that is none of our rules.
  init(saved text: String, tool: String) throws {
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 2, words[0].hasPrefix("["), words[1] == "-A" else { continue }
      guard take(words) else { throw ClusterError.unreadableOutput(tool: tool, line: String(line)) }
    }
  }

  mutating func add(_ other: QueueCounters) {
    fates.merge(other.fates, uniquingKeysWith: +)
    offered.merge(other.offered, uniquingKeysWith: +)
  }

  /// Of all these fates together.
  func count(_ wanted: PacketFates) -> PacketCount {
    fates.filter { !wanted.isDisjoint(with: $0.key) }.values.reduce(PacketCount(), +)
  }

  private mutating func take(_ words: [Substring]) -> Bool {
    switch words[2] {
    case Substring(QueueRules.fates):
      guard let (fate, count) = Self.fate(words) else { return false }
      if !fate.contains(.probe) { fates[fate] = count }
    case Substring(QueueRules.chain) where words.contains("NFQUEUE"):
      guard let (pair, count) = Self.link(words) else { return false }
      offered[pair] = count.packets
    default: break
    }
    return true
  }

  /// `[12:3456] -A FAULTLINE-FATES -m mark --mark 0x1/0x201 -j DROP`
  private static func fate(_ words: [Substring]) -> (PacketFates, PacketCount)? {
    guard words.count == 7 || (words.count == 9 && words[7] == "-j" && words[8] == "DROP"), words[5] == "--mark",
      let count = count(words[0])
    else { return nil }
    let marks = words[6].split(separator: "/").map { UInt32($0.dropFirst(2), radix: 16) }
    guard marks.count == 2, let mark = marks[0], marks[1] == mark | PacketFates.probe.rawValue else { return nil }
    return (PacketFates(rawValue: mark), count)
  }

  /// `[12:3456] -A FAULTLINE-PACKETS -s 198.18.0.11/32 -d 198.18.0.12/32 -j NFQUEUE --queue-num 64023 --queue-bypass`
  private static func link(_ words: [Substring]) -> (AddressPair, PacketCount)? {
    guard words.count > 6, words[3] == "-s", words[5] == "-d", let count = count(words[0]) else { return nil }
    let pair = AddressPair(from: String(words[4].dropLast(3)), to: String(words[6].dropLast(3)))
    guard words.dropFirst(2).joined(separator: " ") == QueueRules.rule(pair) else { return nil }
    return (pair, count)
  }

  /// `[12:3456]`
  private static func count(_ word: Substring) -> PacketCount? {
    guard word.hasSuffix("]") else { return nil }
    let numbers = word.dropFirst().dropLast().split(separator: ":").map { Int($0) }
    guard numbers.count == 2, let packets = numbers[0], let bytes = numbers[1] else { return nil }
    return PacketCount(packets: packets, bytes: bytes)
  }
}
