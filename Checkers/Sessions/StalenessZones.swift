import Histories

/// Decides for which Δ a register is Δ-atomic: linearizable if every read may have begun Δ earlier than it did.
///
/// All operations of one version must come together, so that two versions are in conflict if each has an operation that
/// ended before one of the other began; a register is linearizable iff none are (Gibbons and Korach, "Testing Shared
/// Memories", SIAM J. Comput. 1997, theorem 4.4). Reads that begin earlier remove conflicts and make none, and no two
/// writes by themselves are in one, so that there is a least Δ (Golab, Li and Shah, PODC 2011, section 4).
///
/// Times are those of the events; where two are equal, neither operation comes first.
struct StalenessZones {
  /// A version by the times of its operations, in nanoseconds.
  private struct Zone {
    var version: UInt32
    /// The earliest end of an operation.
    var finish: Int64
    var writeStart: Int64
    /// When the latest read began; `.min` where there is none.
    var readStart: Int64

    func start(_ shift: Int64) -> Int64 {
      readStart == .min ? writeStart : max(writeStart, readStart - shift)
    }
  }

  /// By `finish`; versions that nobody knows to be there are in no conflict, and left out.
  private var zones: [Zone] = []
  /// Of the zones up to this one: the latest start, and whose it is.
  private var latest: [(start: Int64, zone: Int)] = []

  init(_ object: RegisterVersions) {
    let history = object.history
    zones.reserveCapacity(object.versions.count)
    for (number, version) in object.versions.enumerated()
    where !version.isFailed && version.known != RegisterVersions.never {
      let time = { (event: Int64) in event < 0 ? Int64.min : history.time(at: Int(event)) }
      zones.append(
        Zone(
          version: UInt32(truncatingIfNeeded: number), finish: time(version.known), writeStart: time(version.began),
          readStart: time(version.lastRead)))
    }
    zones.sort { $0.finish < $1.finish }
    latest = Array(repeating: (.min, 0), count: zones.count)
  }

  /// Two versions that are in conflict though reads may have begun so many nanoseconds earlier; nil where none are.
  mutating func conflict(shift: Int64) -> (UInt32, UInt32)? {
    var best: (start: Int64, zone: Int) = (.min, 0)
    for number in zones.indices {
      let zone = zones[number]
      let start = zone.start(shift)
      if best.start > zone.finish, let other = before(number, endsBefore: start), other.start > zone.finish {
        return (zones[other.zone].version, zone.version)
      }
      if start > best.start { best = (start, number) }
      latest[number] = best
    }
    return nil
  }

  /// The latest start among the zones before this one that have an operation which ended before the given time.
  private func before(_ number: Int, endsBefore time: Int64) -> (start: Int64, zone: Int)? {
    let end =
      zones[number - 1].finish < time ? number : zones[..<number].partitioningIndex { $0.finish >= time }
    return end > 0 ? latest[end - 1] : nil
  }

  /// The least Δ for which the register is Δ-atomic, if it is more than this; else this. Nanoseconds.
  mutating func leastShift(above known: Int64) -> Int64 {
    if conflict(shift: known) == nil { return known }
    let lastRead = zones.lazy.map(\.readStart).max() ?? 0
    let firstFinish = zones.lazy.map(\.finish).first { $0 != .min } ?? 0
    var (low, high) = (known, max(lastRead - firstFinish, known) + 1)
    while high - low > 1 {
      let middle = low + (high - low) / 2
      if conflict(shift: middle) == nil { high = middle } else { low = middle }
    }
    return high
  }
}
