import Generators
import Glibc

/// Swarm testing (Groce, Zhang, Eide, Chen & Regehr, *Swarm testing*, 2012): each run leaves out some of the faults and
/// weighs the others anew.
///
/// Faults hide bugs as well as they show them: where every run has all of them, nothing ever goes on for long enough to
/// need, say, a log that was compacted twice. Over many seeds, as a nightly suite has them, every combination comes.
public enum Swarm {
  /// Share of the faults of a plan that a run has, on average.
  static let share = 0.5
  /// How much rarer, or more frequent, a fault can be than the plan says.
  static let factorMax = 2.0

  /// A random part of a plan's faults, in its order, each with a period of its own; never none where there are some.
  ///
  /// Holds stay as they are, but for faults that come so often that half of the time must be left to recover.
  /// Pure: equal arguments give equal swarms. Each entry draws from a stream of its own, so that another fault in the
  /// plan changes nothing about these.
  public static func choose(_ settings: [FaultSettings], _ streams: RandomStreams) -> [FaultSettings] {
    var draws: [(settings: FaultSettings, chance: Double)] = []
    var occurrences: [String: Int] = [:]
    for entry in settings {
      let occurrence = occurrences[entry.name, default: 0]
      occurrences[entry.name] = occurrence + 1
      var stream = streams.stream("swarm/\(entry.name)/\(occurrence)")
      let chance = stream.unit()
      // By its logarithm: twice as often is as likely as half as often.
      let factor = pow(factorMax, 2 * stream.unit() - 1)
      draws.append((weighed(entry, factor), chance))
    }
    let chosen = draws.filter { $0.chance < share }
    if chosen.isEmpty, let likeliest = draws.min(by: { $0.chance < $1.chance }) { return [likeliest.settings] }
    return chosen.map(\.settings)
  }

  private static func weighed(_ entry: FaultSettings, _ factor: Double) -> FaultSettings {
    var entry = entry
    // Whole milliseconds: what plans can say, and people read.
    entry.every = max(0.002, (entry.every * factor * 1e3).rounded() / 1e3)
    entry.hold = max(0.001, min(entry.hold, (entry.every * 500).rounded() / 1e3))
    return entry
  }
}
