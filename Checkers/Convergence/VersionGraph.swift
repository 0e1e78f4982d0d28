/// The versions of one value, each with those that its writer had observed: what of them a merge keeps.
///
/// A write supersedes what is in its context. A merge of all acknowledged writes and of some of unknown outcome shows
/// the maximal ones (the siblings of DeCandia et al., "Dynamo", 2007, 4.4; the MV-register of Shapiro et al., 2011,
/// 3.2.2).
///
/// **Which merges are possible is decided exactly in linear time.** Let F be what is shown. What is applied then is the
/// closure C of the acknowledged writes and F under contexts (what somebody observed took place), and nothing that
/// shows: a further write of unknown outcome is either maximal, and so in F, or superseded by another further one, and
/// so on, and contexts have no cycles. So F is possible if and only if F is what is maximal in C. A deletion shows
/// nothing, so further ones of unknown outcome may have superseded what C would show, each if it has nothing below it
/// that is in F.
///
/// A write whose context is not known is *blind*: it may have observed anything that began before it ended. A missing
/// version must be below a shown one by some chain of contexts, the last of which would be shown: `BlindReach` finds
/// what is. An acknowledged blind write has a context, which the system did not report: where it matters, nothing is
/// decided. For one of unknown outcome any context will do.
struct VersionGraph {
  /// One write that did not fail.
  struct Version {
    var isAcknowledged: Bool
    /// Shows nothing.
    var isDeletion = false
    var invocation: UInt32
    /// `never` unless it was acknowledged.
    var completion: UInt32
    /// What it has observed are the versions of `segments[start..<end]`; the start is `never` where nobody knows.
    var start: UInt32
    var end: UInt32 = 0
    /// Whether it has observed writes that are not known by name.
    var observesStrangers = false
    /// Whether others can name it as observed.
    var isNamed = true

    var isBlind: Bool { start == VersionGraph.never }
  }

  /// The first `length` versions of a list, which others may share: what gets returned one context for, or what one
  /// actor wrote.
  struct Segment {
    var list: UInt32
    var length: UInt32
  }

  enum Fate: UInt8 {
    /// As the merge has it, or as one of several possible merges has it.
    case right
    /// Acknowledged, maximal, and not shown.
    case lost
    /// Shown, though another shown one supersedes it.
    case conflicting
    /// Shown, though one that is not shown supersedes it.
    case resurrected
    /// It depends on what a writer observed and nobody reported.
    case undecided
  }

  static let never = UInt32.max

  /// In order of invocation.
  let versions: [Version]
  /// List after list: what was observed.
  private let observed: [UInt32]
  private let starts: [Int]
  private let segments: [Segment]
  private let observesAcknowledged: Bool
  private(set) var isShown: [Bool] = []
  private(set) var isApplied: [Bool] = []
  /// By version: one that supersedes it; `never` where there is none.
  private(set) var superseder: [UInt32] = []
  /// By list: how much of it has been gone through.
  private var scanned: [UInt32] = []
  /// Missing versions that others may have superseded.
  private var excuses: [UInt32: BlindReach.Excuse] = [:]
  private var blind = Blind()
  private let hasUnnamed: Bool

  /// What applied blind versions may have observed. Event indices plus one, 0 where there is none.
  private struct Blind {
    /// Of those that were acknowledged: the one that ended last, and the last end of all others.
    var last = VersionGraph.never
    var (lastEnd, otherEnd): (UInt32, UInt32) = (0, 0)
    /// The last begin of any.
    var begin: UInt32 = 0
    /// Whether some applied version has observed others that are not known by name.
    var observesStrangers = false

    mutating func add(_ number: Int, _ version: Version) {
      let end = version.completion + 1
      if end > lastEnd {
        (otherEnd, lastEnd, last) = (lastEnd, end, UInt32(truncatingIfNeeded: number))
      } else {
        otherEnd = max(otherEnd, end)
      }
    }

    /// Whether another one may have observed the version.
    func mayObserve(_ number: Int, _ version: Version) -> Bool {
      (Int(last) == number ? otherEnd : lastEnd) > version.invocation + 1
    }
  }

  /// - Parameters:
  ///   - segments: what versions have observed; of a list that others share, none reaches as far as the version itself.
  ///   - observed: the lists, one after the other; list k is `observed[starts[k]..<starts[k + 1]]`.
  init(
    _ versions: [Version], _ segments: [Segment], observed: [UInt32], starts: [Int], observesAcknowledged: Bool
  ) {
    (self.versions, self.segments, self.observed, self.starts) = (versions, segments, observed, starts)
    self.observesAcknowledged = observesAcknowledged
    hasUnnamed = versions.contains { !$0.isNamed }
  }

  /// What a version's writer had observed, as far as that is known.
  func context(_ version: Int) -> ArraySlice<Segment> {
    let (start, end) = (versions[version].start, versions[version].end)
    return start == Self.never ? [] : segments[Int(start)..<Int(end)]
  }

  /// The versions of a segment, but for those that somebody has gone through already.
  func members(_ segment: Segment, after done: UInt32 = 0) -> ArraySlice<UInt32> {
    let start = starts[Int(segment.list)]
    return observed[start + Int(min(done, segment.length))..<start + Int(segment.length)]
  }

  /// All members of all lists, one list after the other, each with whether its list begins there.
  var places: [(version: UInt32, isFirst: Bool)] {
    var places = observed.map { (version: $0, isFirst: false) }
    for start in starts where start < places.count { places[start].isFirst = true }
    return places
  }

  /// Where the segment ends in `places`.
  func lastPlace(_ segment: Segment) -> Int { starts[Int(segment.list)] + Int(segment.length) - 1 }

  /// Merges what is acknowledged with what is shown: `fate` holds from then on.
  mutating func merge(shown: some Sequence<UInt32>) {
    isShown = Array(repeating: false, count: versions.count)
    isApplied = isShown
    superseder = Array(repeating: Self.never, count: versions.count)
    scanned = Array(repeating: 0, count: max(0, starts.count - 1))
    (blind, excuses) = (Blind(), [:])
    for version in shown { isShown[Int(version)] = true }
    apply(versions.indices.filter { isShown[$0] || versions[$0].isAcknowledged })
    let missing = versions.indices.filter { isMaximal($0) && !isShown[$0] && !isCertainlyObserved(versions[$0]) }
    if !missing.isEmpty { excuses = BlindReach.excuses(missing, self, hidingDeletions()) }
  }

  /// Applied, and superseded by none that is known to be above it.
  private func isMaximal(_ number: Int) -> Bool {
    isApplied[number] && !versions[number].isDeletion && superseder[number] == Self.never
  }

  /// Applies these and everything below them.
  private mutating func apply(_ roots: [Int]) {
    var open = roots
    for root in roots { isApplied[root] = true }
    while let version = open.popLast() {
      note(version)
      forEachUnscanned(version) { graph, below in
        if below == version { return }
        if graph.superseder[below] == Self.never { graph.superseder[below] = UInt32(truncatingIfNeeded: version) }
        if !graph.isApplied[below] {
          graph.isApplied[below] = true
          open.append(below)
        }
      }
    }
  }

  private mutating func note(_ number: Int) {
    let version = versions[number]
    if version.observesStrangers { blind.observesStrangers = true }
    guard version.isBlind else { return }
    blind.begin = max(blind.begin, version.invocation + 1)
    if version.isAcknowledged { blind.add(number, version) }
  }

  /// Goes through what a version has observed and nobody has gone through yet: writers share what one read returned.
  private mutating func forEachUnscanned(_ version: Int, _ body: (inout VersionGraph, Int) -> Void) {
    for segment in context(version) where scanned[Int(segment.list)] < segment.length {
      for below in members(segment, after: scanned[Int(segment.list)]) { body(&self, Int(below)) }
      scanned[Int(segment.list)] = segment.length
    }
  }

  // MARK: Deletions

  /// Those that are applied, and those of unknown outcome that can be: the ones that have nothing shown below them.
  private func hidingDeletions() -> [Int] {
    let deletions = versions.indices.filter { versions[$0].isDeletion }
    guard deletions.contains(where: { !isApplied[$0] }) else { return deletions }
    let isAboveShown = aboveShown()
    return deletions.filter { isApplied[$0] || !isAboveShown[$0] }
  }

  /// By version: whether it is above one that is shown. Where there are deletions, writers observe only what began
  /// before, and lists are never shorter for who begins later.
  private func aboveShown() -> [Bool] {
    var above = [Bool](repeating: false, count: versions.count)
    var lists = [(scanned: UInt32, isAbove: Bool)](repeating: (0, false), count: max(0, starts.count - 1))
    for position in versions.indices {
      for segment in context(position) {
        let list = Int(segment.list)
        for below in members(segment, after: lists[list].scanned) where isShown[Int(below)] || above[Int(below)] {
          lists[list].isAbove = true
        }
        lists[list].scanned = max(lists[list].scanned, segment.length)
        if lists[list].isAbove { above[position] = true }
      }
    }
    return above
  }

  // MARK: Fates

  /// What became of a version, after `merge`.
  func fate(_ version: Int) -> Fate {
    isShown[version] ? fate(ofShown: version) : fate(ofMissing: version)
  }

  private func fate(ofShown number: Int) -> Fate {
    let version = versions[number]
    if superseder[number] != Self.never { return isShown[Int(superseder[number])] ? .conflicting : .resurrected }
    if isCertainlyObserved(version) { return .resurrected }
    return blind.mayObserve(number, version) || !version.isNamed && blind.observesStrangers ? .undecided : .right
  }

  private func fate(ofMissing number: Int) -> Fate {
    guard isMaximal(number), !isCertainlyObserved(versions[number]) else { return .right }
    switch excuses[UInt32(truncatingIfNeeded: number)] {
    case .some(.free): return .right
    case .some(.unreported): return .undecided
    case nil: return blind.observesStrangers && hasUnnamed ? .undecided : .lost
    }
  }

  /// Whether a blind write observed it that is said to observe what was acknowledged before.
  private func isCertainlyObserved(_ version: Version) -> Bool {
    observesAcknowledged && version.isAcknowledged && blind.begin > version.completion + 1
  }
}
