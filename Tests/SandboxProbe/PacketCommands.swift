import Clusters
import Glibc

/// `impose KIND NUMBERS… seed SEED LINK…` and `lift KIND`.
struct PacketCommands {
  let packets: any PacketControl

  func impose(_ words: [String]) async throws -> String {
    guard let mark = words.firstIndex(of: "seed"), words.count > mark + 1, let seed = UInt64(words[mark + 1]),
      let change = Self.change(Array(words[..<mark]))
    else { return "no such rule" }
    let links = words.dropFirst(mark + 2).map { word in
      let ends = word.split(separator: ">").map(String.init)
      return Link(from: ends[0], to: ends[1])
    }
    try await packets.impose(PacketRule(change, on: Set(links), seed: seed))
    return ""
  }

  func lift(_ kind: String) async throws -> String {
    guard let kind = PacketChange.Kind(rawValue: kind) else { return "no such kind" }
    guard let effects = try await packets.lift(kind) else { return "none" }
    let tallies = effects.links.sorted { $0.key < $1.key }.map {
      "\($0.key.from)>\($0.key.to)=\($0.value.hit)/\($0.value.seen)"
    }
    let probe = effects.probe
    let stacks = effects.stacks.values
    let numbers = [
      ("affected", effects.affected.packets), ("bytes", effects.affected.bytes), ("passed", effects.passed),
      ("sent", probe.sent), ("received", probe.received), ("duplicated", probe.duplicated), ("late", probe.late),
      ("median", Int(probe.medianNanoseconds ?? -1)), ("checksums", stacks.reduce(0) { $0 + $1.checksumErrors }),
      ("resets", stacks.reduce(0) { $0 + $1.resets }), ("disordered", stacks.reduce(0) { $0 + $1.outOfOrder }),
    ]
    return (numbers.map { "\($0)=\($1)" } + tallies).joined(separator: " ")
  }

  private static func change(_ words: [String]) -> PacketChange? {
    let numbers = words.dropFirst().compactMap { Double($0) }
    func number(_ place: Int) -> Double { numbers.count > place ? numbers[place] : 0 }
    return switch PacketChange.Kind(rawValue: words.first ?? "") {
    case .delay:
      .delay(seconds: number(0), jitterSeconds: number(1), words.last.flatMap(DelaySpread.init) ?? .uniform)
    case .loss: .loss(percent: number(0), correlation: number(1))
    case .duplicate: .duplicate(percent: number(0))
    case .reorder: .reorder(percent: number(0), seconds: number(1))
    case .corrupt: .corrupt(percent: number(0))
    case .rate: .rate(bitsPerSecond: number(0))
    case .reset: .reset
    case .slowClose: .slowClose(seconds: number(0))
    case nil: nil
    }
  }
}

/// Has every packet go around the queue, behind the back of what queues them; 0 when that was done.
func bypassPackets() -> Int32 {
  let rule = "-I FAULTLINE-PACKETS -j RETURN"
  let commands = ["iptables-legacy", "iptables-nft", "iptables"].map { "PATH=$PATH:/usr/sbin:/sbin \($0) \(rule)" }
  return system("(" + commands.joined(separator: " || ") + ") 2>/dev/null")
}
