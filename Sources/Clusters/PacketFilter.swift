/// Packets from one address to another.
struct AddressPair: Hashable, Sendable, Comparable {
  var from: String
  var to: String

  static func < (left: AddressPair, right: AddressPair) -> Bool { (left.from, left.to) < (right.from, right.to) }
}

/// The texts that go to `iptables-restore` and come from `iptables-save -c`. Pure.
///
/// All rules are in one chain of ours; a rule drops the packets of one directed link. One restore is one commit of the
/// table: all links of a partition are cut at the same moment.
enum PacketFilter {
  static let chain = "FAULTLINE"

  /// Makes the chain and hooks it into built-in ones.
  static func install(hooks: [String]) -> String { commit(installation(hooks)) }

  static func uninstall(hooks: [String]) -> String {
    commit(hooks.map { "-D \($0) -j \(chain)" } + ["-F \(chain)", "-X \(chain)"])
  }

  /// Only differences: rules that stay keep their counters.
  ///
  /// Links that are healed get a rule in front that lets them pass: their counters stand still from then on, and can be
  /// read after the heal and not, at the cost of its speed, before it. `clean` then removes both rules.
  ///
  /// - Parameter hooks: into which the chain is put first, where it is not installed yet.
  static func change(install hooks: [String] = [], pass: [AddressPair], add: [AddressPair]) -> String {
    let installed = hooks.isEmpty ? [] : installation(hooks)
    return commit(
      installed + pass.sorted().map { "-I \(rule($0, .pass))" } + add.sorted().map { "-A \(rule($0, .drop))" })
  }

  /// After `change` and the reading of the counters.
  static func clean(_ pairs: [AddressPair]) -> String {
    commit(pairs.sorted().flatMap { ["-D \(rule($0, .drop))", "-D \(rule($0, .pass))"] })
  }

  /// Whatever rules our chain has, it has these afterwards; counters begin anew.
  static func replace(with pairs: [AddressPair]) -> String {
    commit(["-F \(chain)"] + pairs.sorted().map { "-A \(rule($0, .drop))" })
  }

  private static func installation(_ hooks: [String]) -> [String] {
    [":\(chain) - [0:0]"] + hooks.map { "-I \($0) -j \(chain)" }
  }

  private static func commit(_ lines: [String]) -> String {
    "*filter\n" + lines.map { $0 + "\n" }.joined() + "COMMIT\n"
  }

  /// What becomes of a link's packets.
  private enum Target: String {
    case drop = "DROP"
    case pass = "RETURN"
  }

  private static func rule(_ pair: AddressPair, _ target: Target) -> String {
    "\(chain) -s \(pair.from)/32 -d \(pair.to)/32 -j \(target.rawValue)"
  }

  /// What each rule has dropped. Lines of other chains are passed over.
  ///
  /// - Throws: `ClusterError.unreadableOutput` for a line of our chain that is none of our rules.
  static func counters(saved text: String, tool: String) throws -> [AddressPair: Drops] {
    var counters: [AddressPair: Drops] = [:]
    for line in text.split(separator: "\n") {
      let words = line.split(separator: " ")
      guard words.count > 2, words[0].hasPrefix("["), words[1] == "-A", words[2] == chain else { continue }
      guard let (pair, drops, target) = parse(words) else {
        throw ClusterError.unreadableOutput(tool: tool, line: String(line))
      }
      if target == .drop { counters[pair] = drops }
    }
    return counters
  }

  /// `[12:3456] -A FAULTLINE -s 198.18.0.11/32 -d 198.18.0.12/32 -j DROP`
  private static func parse(_ words: [Substring]) -> (AddressPair, Drops, Target)? {
    guard words.count == 9, words[3] == "-s", words[5] == "-d", words[7] == "-j",
      let target = Target(rawValue: String(words[8])), let from = address(words[4]), let to = address(words[6]),
      words[0].hasSuffix("]")
    else { return nil }
    let numbers = words[0].dropFirst().dropLast().split(separator: ":").map { Int($0) }
    guard numbers.count == 2, let packets = numbers[0], let bytes = numbers[1] else { return nil }
    return (AddressPair(from: from, to: to), Drops(packets: packets, bytes: bytes), target)
  }

  private static func address(_ word: Substring) -> String? {
    word.hasSuffix("/32") ? String(word.dropLast(3)) : nil
  }
}
