/// A network that loses, delays, repeats and reorders messages, and can be cut in any direction. It carries nothing
/// itself: it says when copies of a message arrive. Times are simulated nanoseconds.
public struct SimulatedNetwork: Sendable {
  /// Messages that never arrived, by chance or at a cut.
  public private(set) var lost = 0
  /// Messages that arrived twice.
  public private(set) var duplicated = 0
  /// Arrivals before that of a message sent earlier on the same link.
  public private(set) var reordered = 0
  /// Messages in percent that are lost.
  public var lossPercent = 0
  /// Messages in percent that arrive twice.
  public var duplicatePercent = 0
  /// Messages in percent that are held up so long that later ones overtake them.
  public var stragglerPercent = 0
  /// How long stragglers are held up.
  public var stragglerDelay: Range<UInt64>
  /// By partition number: pairs that cannot talk, as `from * nodes + to`.
  private var cuts: [Int: Set<Int>] = [:]
  private let nodes: Int
  /// Time of the last delivery planned on each link, to count overtaking.
  private var lastArrival: [UInt64]

  /// A network between `nodes` nodes that loses nothing until it is told to.
  public init(nodes: Int, stragglerDelay: Range<UInt64> = 5_000_000..<80_000_000) {
    self.nodes = nodes
    self.stragglerDelay = stragglerDelay
    lastArrival = Array(repeating: 0, count: nodes * nodes)
  }

  /// Cuts the links for which `isCut` is true, until the cut of this number is healed.
  public mutating func cut(_ number: Int, _ isCut: (_ from: Int, _ to: Int) -> Bool) {
    var links: Set<Int> = []
    for from in 0..<nodes {
      for to in 0..<nodes where from != to && isCut(from, to) { links.insert(from * nodes + to) }
    }
    cuts[number] = links
  }

  /// Ends one cut; nothing happens if there is none of this number.
  public mutating func heal(_ number: Int) { cuts[number] = nil }

  /// Ends all cuts, and all chance.
  public mutating func healAll() {
    cuts = [:]
    lossPercent = 0
    duplicatePercent = 0
    stragglerPercent = 0
  }

  /// When copies of a message arrive: none if it is lost, two if it is repeated.
  public mutating func arrivals(
    from: Int, to: Int, now: UInt64, using random: inout SeededGenerator
  ) -> [UInt64] {
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

  private mutating func arrival(on link: Int, now: UInt64, using random: inout SeededGenerator) -> UInt64 {
    let isStraggler = random.chance(percent: stragglerPercent)
    let delay =
      isStraggler ? random.time(stragglerDelay) : random.time(100_000..<1_000_000)
    if now + delay < lastArrival[link] { reordered += 1 }
    lastArrival[link] = max(lastArrival[link], now + delay)
    return now + delay
  }
}
