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
  /// - Parameters:
  ///   - hooks: with the conditions of each: `OUTPUT -o faultline0`.
  ///   - pairs: whose packets are queued from the beginning.
  static func install(hooks: [String], queueing pairs: [AddressPair] = []) -> String {
    let judged = "\(hex(PacketFates.judgedMark))/\(hex(PacketFates.judgedMask))"
    var lines = [":\(chain) - [0:0]", ":\(fates) - [0:0]", "-A \(chain) -m mark --mark \(judged) -g \(fates)"]
    for dropped in [PacketFates.loss, .overflow] {
      lines += [count(dropped) + " -j DROP", count(dropped.union(.probe)) + " -j DROP"]
    }
    lines += PacketChange.Kind.allCases.filter { $0 != .loss }.map { count(PacketFates($0)) }
    lines += hooks.map { "-A \($0) -j \(chain)" }
    return text(lines + pairs.sorted().map { "-A \(rule($0))" })
  }

  static func uninstall(hooks: [String]) -> String {
    text(hooks.map { "-D \($0) -j \(chain)" } + ["-F \(chain)", "-F \(fates)", "-X \(chain)", "-X \(fates)"])
  }

  /// Only differences.
  static func change(remove: [AddressPair], add: [AddressPair]) -> String {
    text(remove.sorted().map { "-D \(rule($0))" } + add.sorted().map { "-A \(rule($0))" })
  }

  static func rule(_ pair: AddressPair) -> String {
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
}
