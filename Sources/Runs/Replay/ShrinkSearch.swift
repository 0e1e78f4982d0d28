import Nemesis

/// What is left of a run while it is being shrunk.
public struct ShrinkCase: Sendable, Hashable {
  /// In order of time.
  public var actions: [FaultAction]
  /// Of the load phase, in nanoseconds.
  public var load: Int64
  /// Client threads.
  public var threads: Int

  public init(actions: [FaultAction], load: Int64, threads: Int) {
    self.actions = actions
    self.load = load
    self.threads = threads
  }

  /// Without what a shorter load phase leaves no room for.
  func shortened(to load: Int64) -> ShrinkCase {
    var shorter = self
    shorter.load = load
    shorter.actions.removeAll { $0.at + $0.hold > load - FaultSchedule.tailNanoseconds }
    return shorter
  }
}

/// Makes a run that fails smaller, as long as it goes on failing: fewer faults, less time, fewer clients, shorter faults.
///
/// Faults are removed as delta debugging does (Zeller & Hildebrandt, *Simplifying and isolating failure-inducing input*,
/// 2002): half of them, then quarters, down to single ones, so that at the end none of those that are left could be
/// spared. Runs are not exactly repeatable, so a case counts as failing by what `fails` makes of several tries.
public struct ShrinkSearch: Sendable {
  /// The least load phase that is tried, in nanoseconds: elections and healing take their time.
  public static let loadMin: Int64 = 2_000_000_000
  /// The least hold that is tried, in nanoseconds.
  public static let holdMin: Int64 = 100_000_000

  /// The smallest case known to fail.
  public private(set) var best: ShrinkCase
  /// Cases that were tried.
  public private(set) var tried = 0
  private var known: [ShrinkCase: Bool] = [:]
  private let fails: @Sendable (ShrinkCase) async throws -> Bool

  /// - Parameters:
  ///   - start: known to fail.
  ///   - fails: throws to end the search; `best` then is what it came to.
  public init(_ start: ShrinkCase, fails: @escaping @Sendable (ShrinkCase) async throws -> Bool) {
    best = start
    self.fails = fails
  }

  /// Searches until nothing more can go.
  ///
  /// - Throws: what `fails` throws.
  public mutating func run() async throws {
    var before: ShrinkCase
    repeat {
      before = best
      try await shortenLoad()
      try await removePackages()
      try await removeActions()
      try await removeThreads()
      try await shortenHolds()
    } while best != before
  }

  /// Whether it fails; then it is the best.
  private mutating func take(_ candidate: ShrinkCase) async throws -> Bool {
    guard candidate != best else { return false }
    if let answer = known[candidate] {
      if answer { best = candidate }
      return answer
    }
    tried += 1
    let answer = try await fails(candidate)
    known[candidate] = answer
    if answer { best = candidate }
    return answer
  }

  /// To a half, or to three quarters, as long as that does.
  private mutating func shortenLoad() async throws {
    while true {
      let loads = [best.load / 2, best.load / 4 * 3].filter { $0 >= Self.loadMin }
      var isShorter = false
      for load in loads where !isShorter { isShorter = try await take(best.shortened(to: load)) }
      if !isShorter { return }
    }
  }

  /// All injections of one fault at once.
  private mutating func removePackages() async throws {
    for name in Set(best.actions.map(\.fault)).sorted() {
      var candidate = best
      candidate.actions.removeAll { $0.fault == name }
      _ = try await take(candidate)
    }
  }

  private mutating func removeActions() async throws {
    var size = (best.actions.count + 1) / 2
    while size >= 1, !best.actions.isEmpty {
      var start = 0
      while start < best.actions.count {
        var candidate = best
        candidate.actions.removeSubrange(start..<min(start + size, best.actions.count))
        // What follows has moved to this place.
        if try await !take(candidate) { start += size }
      }
      size = size == 1 ? 0 : (size + 1) / 2
    }
  }

  private mutating func removeThreads() async throws {
    while best.threads > 1 {
      var candidate = best
      candidate.threads = best.threads / 2
      guard try await take(candidate) else { return }
    }
  }

  private mutating func shortenHolds() async throws {
    for place in best.actions.indices {
      while best.actions[place].hold / 2 >= Self.holdMin {
        var candidate = best
        candidate.actions[place].hold /= 2
        guard try await take(candidate) else { break }
      }
    }
  }
}
