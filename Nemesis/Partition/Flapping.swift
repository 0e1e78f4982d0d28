import Clusters

/// A partition that comes and goes: cut for half of each period, healed for the other.
struct Flapping: Sendable {
  let links: Set<Link>
  let network: any NetworkControl
  let clock: NemesisClock
  let periodNanoseconds: Int64

  /// What came of it until it was ended.
  struct Record: Sendable, Hashable {
    /// How often the links were cut, the first time included.
    var cuts = 1
    /// Of all healings so far.
    var drops: [Link: Drops] = [:]
    /// What the environment said when it could not go on.
    var problem: String?
  }

  /// Goes on until the task is cancelled or the environment fails. It begins, and may end, with the links cut.
  func run() async -> Record {
    var record = Record()
    var isCut = true
    while (try? await clock.sleep(clock.now() + periodNanoseconds / 2)) != nil {
      do {
        // A task of its own: a call that has begun is ended when the loop is cancelled, and its counters are kept.
        let next = isCut ? [] : links
        let healed = try await Task { try await network.cut(next) }.value
        record.drops.merge(healed, uniquingKeysWith: +)
        isCut.toggle()
        record.cuts += isCut ? 1 : 0
      } catch {
        record.problem = "\(error)"
        return record
      }
    }
    return record
  }
}
