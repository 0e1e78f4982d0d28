/// The texts that have the packet filter show us the packets of some links, and count what became of them. Pure.
///
/// A packet passes our chain twice: without a mark it is queued for us to judge; we have it go through the rules once
/// more, with a mark that says what befell it. So a link that is cut while a packet waits drops it all the same, and the
/// kernel itself drops and counts.
enum QueueRules {
  static let chain = "FAULTLINE-PACKETS"
  static let fates = "FAULTLINE-FATES"

  /// Makes the chains and hooks the first one into built-in ones, behind the cuts.
  ///
  /// - Parameter hooks: with the conditions of each: `OUTPUT -o faultline0`.
  static func install(hooks: [String]) -> String {
    let judged = "\(hex(PacketFates.judgedMark))/\(hex(PacketFates.judgedMask))"
    var lines = [":\(chain) - [0:0]", ":\(fates) - [0:0]", "-A \(chain) -m mark --mark \(judged) -g \(fates)"]
    for dropped in [PacketFates.loss, .overflow] {
      lines += [count(dropped) + " -j DROP", count(dropped.union(.probe)) + " -j DROP"]
    }
    lines += PacketChange.Kind.allCases.filter { $0 != .loss }.map { count(PacketFates($0)) }
    lines += hooks.map { "-A \($0) -j \(chain)" }
    return text(lines)
  }

  static func uninstall(hooks: [String]) -> String {
    text(hooks.map { "-D \($0) -j \(chain)" } + ["-F \(chain)", "-F \(fates)", "-X \(chain)", "-X \(fates)"])
  }

  /// Only differences.
  static func change(remove: [AddressPair], add: [AddressPair]) -> String {
    text(remove.sorted().map { "-D \(rule($0))" } + add.sorted().map { "-A \(rule($0))" })
  }

  private static func rule(_ pair: AddressPair) -> String {
    "\(chain) -s \(pair.from)/32 -d \(pair.to)/32 -j NFQUEUE --queue-num \(PacketQueue.number) --queue-bypass"
  }

  /// Packets that the fate befell, either our own ones or not.
  private static func count(_ fate: PacketFates) -> String {
    "-A \(fates) -m mark --mark \(hex(fate.rawValue))/\(hex(fate.union(.probe).rawValue))"
  }

  private static func text(_ lines: [String]) -> String {
    "*filter\n" + lines.map { $0 + "\n" }.joined() + "COMMIT\n"
  }

  private static func hex(_ number: UInt32) -> String { "0x" + String(number, radix: 16) }

  /// What the kernel counted of each fate since the chains were made, apart from our own packets.
  ///
  /// - Throws: `ClusterError.unreadableOutput` for a line of the chain that is none of its rules.
  static func counters(saved text: String, tool: String) throws -> [PacketFates: PacketCount] {
    var counters: [PacketFates: PacketCount] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 2, words[0].hasPrefix("["), words[1] == "-A", words[2] == fates else { continue }
      guard let (fate, count) = parse(words) else {
        throw ClusterError.unreadableOutput(tool: tool, line: String(line))
      }
      if !fate.contains(.probe) { counters[fate] = count }
    }
    return counters
  }

  /// `[12:3456] -A FAULTLINE-FATES -m mark --mark 0x1/0x1 -j DROP`
  private static func parse(_ words: [Substring]) -> (PacketFates, PacketCount)? {
    guard words.count == 7 || (words.count == 9 && words[7] == "-j" && words[8] == "DROP"), words[5] == "--mark",
      words[0].hasSuffix("]")
    else { return nil }
    let numbers = words[0].dropFirst().dropLast().split(separator: ":").map { Int($0) }
    let marks = words[6].split(separator: "/").map { UInt32($0.dropFirst(2), radix: 16) }
    guard numbers.count == 2, let packets = numbers[0], let bytes = numbers[1], marks.count == 2,
      let mark = marks[0], marks[1] == mark | PacketFates.probe.rawValue
    else { return nil }
    return (PacketFates(rawValue: mark), PacketCount(packets: packets, bytes: bytes))
  }
}
