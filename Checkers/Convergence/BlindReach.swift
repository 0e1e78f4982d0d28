/// Which missing versions can be below a shown one, by contexts that nobody knows.
///
/// What is shown was there when it ended; what it had observed was there then too, and so on down a chain of
/// contexts: each version has a latest moment by which it was there (the largest, over all chains, of the least end
/// on the chain). A blind version may have observed whatever began before its moment, but nothing that had observed
/// it. What is below that began still earlier, so that one such step is enough.
///
/// What an acknowledged blind version may have observed was there, in one possible context, when that version ended. So
/// for sure it is above nothing that began later, and not above a missing version that has the acknowledged one below
/// it, or is it.
struct BlindReach {
  enum Excuse {
    /// By a choice that is ours: contexts of writes of unknown outcome.
    case free
    /// By contexts of acknowledged writes, which were not reported.
    case unreported
  }

  /// Steps through contexts that may be taken for missing versions; past them, nothing is decided of the rest.
  private static let stepsMax = 10_000_000

  private let graph: VersionGraph
  /// By version: its moment, an event index plus one; 0 for what is not below anything shown.
  private var moments: [UInt32]
  /// Blind versions that are below something shown, those with the latest moments first.
  private var blind: [(version: Int, moment: UInt32)] = []
  /// Ends of the acknowledged blind versions, plus one, in order.
  private let blindEnds: [UInt32]

  /// Missing maximal versions that something may have superseded.
  ///
  /// - Parameter deletions: those that are or may be applied; they need not be shown.
  static func excuses(_ missing: [Int], _ graph: VersionGraph, _ deletions: [Int]) -> [UInt32: Excuse] {
    let certain = graph.versions.indices.filter { graph.isShown[$0] } + deletions.filter { graph.isApplied[$0] }
    var excuses = BlindReach(graph, roots: certain).excuses(missing)
    guard deletions.contains(where: { !graph.isApplied[$0] }) else { return excuses }
    let more = BlindReach(graph, roots: certain + deletions)
    let open = missing.filter { excuses[UInt32(truncatingIfNeeded: $0)] != .free }
    let shownSince = graph.versions.indices.first { graph.isShown[$0] }.map { graph.versions[$0].invocation }
    var below = BelowSearch(graph, stepsMax: stepsMax)
    for (version, excuse) in more.excuses(open) {
      let isMarked = below.mark(Int(version))
      // A deletion is not above what is shown, and so not above a version that observed that.
      if isMarked, below.hasShown { continue }
      let mayBeAboveShown = !isMarked || shownSince ?? VersionGraph.never < below.blindEnd
      excuses[version] = mayBeAboveShown ? .unreported : excuse
    }
    return excuses
  }

  private func excuses(_ missing: [Int]) -> [UInt32: Excuse] {
    var below = BelowSearch(graph, stepsMax: Self.stepsMax)
    var excuses: [UInt32: Excuse] = [:]
    // The free blind versions that may be above all of them: two that each are above what is above the other are none.
    var common = blind.filter { !graph.versions[$0.version].isAcknowledged }
    var wanting: [UInt32] = []
    for version in missing {
      let id = UInt32(truncatingIfNeeded: version)
      if moments[version] > 0 {
        excuses[id] = .free
        continue
      }
      let begin = graph.versions[version].invocation + 1
      let able = blind.prefix { $0.moment > begin }
      guard !able.isEmpty else { continue }
      let isMarked = below.mark(version)
      let fitting = isMarked ? able.filter { !below.isMarked($0.version) } : Array(able)
      if fitting.isEmpty { continue }
      excuses[id] = .unreported
      let isSure = { (other: (version: Int, moment: UInt32)) in
        isMarked && !graph.versions[other.version].isAcknowledged && sureMoment(other) > begin
          && !below.isMarked(other.version) && graph.versions[other.version].invocation + 1 > below.blindEnd
      }
      guard fitting.contains(where: isSure) else { continue }
      wanting.append(id)
      common.removeAll { !isSure($0) }
    }
    if !common.isEmpty, below.stepsLeft >= 0 { for id in wanting { excuses[id] = .free } }
    return excuses
  }

  /// By when a blind version was there in any case.
  private func sureMoment(_ other: (version: Int, moment: UInt32)) -> UInt32 {
    let begin = graph.versions[other.version].invocation + 1
    let place = blindEnds.partitioningIndex { $0 > begin }
    return place < blindEnds.count ? min(other.moment, blindEnds[place]) : other.moment
  }

  private init(_ graph: VersionGraph, roots: [Int]) {
    self.graph = graph
    blindEnds = graph.versions.filter { $0.isBlind && $0.isAcknowledged }.map { $0.completion + 1 }.sorted()
    moments = Array(repeating: 0, count: graph.versions.count)
    var scanned = [UInt32: UInt32]()
    var heap: [(moment: UInt32, version: Int)] = []
    for root in roots { Self.push((Self.end(graph.versions[root]), root), &heap) }
    while let (moment, version) = Self.pop(&heap) {
      if moments[version] >= moment { continue }
      moments[version] = moment
      guard !graph.versions[version].isBlind else {
        blind.append((version, moment))
        continue
      }
      for segment in graph.context(version) {
        // Whoever went through the same list before had a later moment.
        let done = scanned[segment.list, default: 0]
        guard done < segment.length else { continue }
        scanned[segment.list] = segment.length
        for below in graph.members(segment, after: done) where Int(below) != version {
          Self.push((min(moment, Self.end(graph.versions[Int(below)])), Int(below)), &heap)
        }
      }
    }
  }

  /// Never is the latest.
  private static func end(_ version: VersionGraph.Version) -> UInt32 {
    version.completion == VersionGraph.never ? VersionGraph.never : version.completion + 1
  }

  // MARK: The latest moment first

  private static func push(_ entry: (moment: UInt32, version: Int), _ heap: inout [(moment: UInt32, version: Int)]) {
    heap.append(entry)
    var place = heap.count - 1
    while place > 0, heap[(place - 1) / 2].moment < heap[place].moment {
      heap.swapAt(place, (place - 1) / 2)
      place = (place - 1) / 2
    }
  }

  private static func pop(_ heap: inout [(moment: UInt32, version: Int)]) -> (moment: UInt32, version: Int)? {
    guard let first = heap.first, let last = heap.popLast() else { return nil }
    guard !heap.isEmpty else { return first }
    heap[0] = last
    var place = 0
    while true {
      var latest = place
      for child in [2 * place + 1, 2 * place + 2] where child < heap.count && heap[child].moment > heap[latest].moment {
        latest = child
      }
      if latest == place { return first }
      heap.swapAt(place, latest)
      place = latest
    }
  }
}

/// Marks what is below one version after the other.
private struct BelowSearch {
  private let graph: VersionGraph
  private var marks: [UInt32]
  private var stamp: UInt32 = 0
  private(set) var stepsLeft: Int
  /// The last end, plus one, of the acknowledged blind versions that are marked: what began before it they may have
  /// observed. 0 where there is none.
  private(set) var blindEnd: UInt32 = 0
  /// Whether one that is shown is marked.
  private(set) var hasShown = false

  init(_ graph: VersionGraph, stepsMax: Int) {
    self.graph = graph
    marks = Array(repeating: 0, count: graph.versions.count)
    stepsLeft = stepsMax
  }

  /// - Returns: whether all that is below the version is marked now; else nothing is known.
  mutating func mark(_ version: Int) -> Bool {
    stamp += 1
    (blindEnd, hasShown) = (0, false)
    marks[version] = stamp
    var open = [version]
    while let above = open.popLast() {
      note(above)
      for segment in graph.context(above) {
        for below in graph.members(segment) where marks[Int(below)] != stamp {
          stepsLeft -= 1
          if stepsLeft < 0 { return false }
          marks[Int(below)] = stamp
          open.append(Int(below))
        }
      }
    }
    return true
  }

  private mutating func note(_ number: Int) {
    let version = graph.versions[number]
    if graph.isShown[number] { hasShown = true }
    if version.isBlind, version.isAcknowledged { blindEnd = max(blindEnd, version.completion + 1) }
  }

  func isMarked(_ version: Int) -> Bool { marks[version] == stamp }
}
