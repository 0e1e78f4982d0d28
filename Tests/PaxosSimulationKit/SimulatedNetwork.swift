import PaxosLog

/// A network that loses, delays, repeats and reorders messages, and can be cut in any direction.
struct SimulatedNetwork {
  private(set) var lost = 0
  private(set) var duplicated = 0
  private(set) var reordered = 0
  /// Messages in percent that are lost, repeated, or held up so long that later ones overtake them.
  var lossPercent = 0
  var duplicatePercent = 0
  var stragglerPercent = 0
  /// By partition number: pairs that cannot talk, as `from * nodes + to`.
  private var cuts: [Int: Set<Int>] = [:]
  private let nodes: Int
  /// Time of the last delivery planned on each link, to count overtaking.
  private var lastArrival: [Nanoseconds]

  init(nodes: Int) {
    self.nodes = nodes
    lastArrival = Array(repeating: 0, count: nodes * nodes)
  }

  mutating func cut(_ number: Int, _ isCut: (_ from: Int, _ to: Int) -> Bool) {
    var links: Set<Int> = []
    for from in 0..<nodes {
      for to in 0..<nodes where from != to && isCut(from, to) { links.insert(from * nodes + to) }
    }
    cuts[number] = links
  }

  mutating func heal(_ number: Int) { cuts[number] = nil }

  mutating func healAll() {
    cuts = [:]
    lossPercent = 0
    duplicatePercent = 0
    stragglerPercent = 0
  }

  /// When copies of a message arrive: none if it is lost, two if it is repeated.
  mutating func arrivals(
    from: Int, to: Int, now: Nanoseconds, using random: inout SeededGenerator
  ) -> [Nanoseconds] {
    let link = from * nodes + to
    if cuts.values.contains(where: { $0.contains(link) }) || random.chance(percent: lossPercent) {
      lost += 1
      return []
    }
    var times = [arrival(on: link, now: now, using: &random)]
    if random.chance(percent: duplicatePercent) {
      duplicated += 1
      times.append(arrival(on: link, now: now, using: &random))
    }
    return times
  }

  private mutating func arrival(on link: Int, now: Nanoseconds, using random: inout SeededGenerator) -> Nanoseconds {
    let isStraggler = random.chance(percent: stragglerPercent)
    let delay =
      isStraggler ? random.time(5 * millisecond..<80 * millisecond) : random.time(100 * microsecond..<millisecond)
    if now + delay < lastArrival[link] { reordered += 1 }
    lastArrival[link] = max(lastArrival[link], now + delay)
    return now + delay
  }
}
