import Generators

/// All that the nemesis will do in a run, decided before it starts: `schedule.json`.
///
/// Every random choice is in it, so that a run can be repeated, and cut down, from the file alone.
public struct FaultSchedule: Codable, Sendable, Hashable {
  /// Of the file format; later versions only add fields.
  public var schema = 1
  public var seed: UInt64
  /// Length of the load phase.
  public var durationNanoseconds: Int64
  public var nodes: [String]
  /// In order of time; `id` is the position.
  public var actions: [FaultAction]
  /// What a reader must know: faults that found no room, limits that cut.
  public var notices: [String]

  public init(
    seed: UInt64, durationNanoseconds: Int64, nodes: [String], actions: [FaultAction], notices: [String] = []
  ) {
    self.seed = seed
    self.durationNanoseconds = durationNanoseconds
    self.nodes = nodes
    self.actions = actions
    self.notices = notices
  }

  /// Kept free of faults at the end of the load phase, so that the last heal is a planned one, with time to run.
  public static let tailNanoseconds: Int64 = 250_000_000
  /// Most actions of one settings entry; a notice tells when it cuts.
  public static let actionsPerFaultMax = 10_000
  /// Longest `every` and `hold`: a year.
  static let secondsMax = 366.0 * 86_400

  /// The moment by which every action is healed.
  public var lastHeal: Int64 { durationNanoseconds - Self.tailNanoseconds }

  /// Decides every injection of a load phase.
  ///
  /// Actions of one fault never overlap, those of different faults may: their combination is where bugs hide. Each
  /// entry draws from its own stream, `fault/<name>/<occurrence>`, and each of its parameters from one below it, so adding
  /// a fault or a parameter changes no other's choices.
  /// Pure: equal arguments give equal schedules. Settings that cannot be used give a notice, never silence.
  ///
  /// - Parameter keepsQuorum: whether faults that last at the same time must leave a majority: see `keepQuorum`.
  public static func make(
    settings: [FaultSettings], nodes: [String], durationNanoseconds: Int64, streams: RandomStreams,
    packages: [FaultPackage] = FaultCatalogue.all, keepsQuorum: Bool = false
  ) -> FaultSchedule {
    var schedule = FaultSchedule(
      seed: streams.seed, durationNanoseconds: durationNanoseconds, nodes: nodes, actions: [])
    var occurrences: [String: Int] = [:]
    var drafts: [Draft] = []
    for entry in settings {
      let occurrence = occurrences[entry.name, default: 0]
      occurrences[entry.name] = occurrence + 1
      let name = "fault/\(entry.name)/\(occurrence)"
      let parameters = packages.first { $0.name == entry.name }?.parameters ?? []
      drafts += schedule.plan(entry, streams.stream(name), ParameterDraws(parameters, entry.arguments, streams, name))
    }
    schedule.separate(drafts)
    schedule.number()
    if keepsQuorum {
      schedule.keepQuorum(packages)
      schedule.number()
    }
    return schedule
  }
}

extension FaultSchedule {
  /// An action that may still move.
  private struct Draft {
    var action: FaultAction
    /// When it must be healed.
    var end: Int64
  }

  /// The actions of one entry, at `from + offset + k · every + jitter`.
  ///
  /// The jitter is at most a quarter of the period and half of its healed part, so that it never makes two actions
  /// overlap, and does not add up over the run.
  private mutating func plan(
    _ settings: FaultSettings, _ source: RandomStream, _ parameters: ParameterDraws
  ) -> [Draft] {
    if let problem = problem(settings) ?? parameters.problem {
      notices.append("\(settings.name): never injected: \(problem)")
      return []
    }
    var stream = source
    var parameters = parameters
    let every = Int64(settings.every * 1e9)
    let hold = Int64(settings.hold * 1e9)
    let jitterMax = max(0, min(every / 4, (every - hold) / 2))
    var bag = ShuffleBag(settings.targets)
    // From a tenth to a half of the period; earlier where that leaves no room for even one action.
    let (begin, end) = window(settings)
    let offset = begin + min(stream.number(every / 10...every / 2), end - begin - hold)
    var drafts: [Draft] = []
    for count in 0... {
      let at = count == 0 ? offset : offset + Int64(count) * every + stream.number(0...jitterMax)
      guard at + hold <= end else { break }
      guard count < Self.actionsPerFaultMax else {
        notices.append("\(settings.name): cut after \(count) injections, the most that a run has of one fault")
        break
      }
      let action = FaultAction(
        id: 0, fault: settings.name, target: bag.draw(&stream), at: at, hold: hold,
        order: nodes.shuffled(using: &stream), parameters: parameters.draw())
      drafts.append(Draft(action: action, end: end))
    }
    return drafts
  }

  /// From when on, and until when, an entry's faults may be in force.
  private func window(_ settings: FaultSettings) -> (begin: Int64, end: Int64) {
    let until = settings.until.map { Int64(min($0, Self.secondsMax) * 1e9) } ?? lastHeal
    return (Int64(settings.from * 1e9), min(until, lastHeal))
  }

  /// Why nothing can be planned for an entry.
  private func problem(_ settings: FaultSettings) -> String? {
    if nodes.isEmpty { return "the cluster has no nodes" }
    if settings.targets.isEmpty { return "it has no targets" }
    for (name, seconds) in [("every", settings.every), ("hold", settings.hold)]
    where !(seconds >= 0.001 && seconds <= Self.secondsMax) {
      return "`\(name)` must be from 1 ms to a year, not \(seconds) s"
    }
    if settings.hold >= settings.every {
      return "`hold` (\(settings.hold) s) must be less than `every` (\(settings.every) s)"
    }
    guard settings.from >= 0, settings.from <= Self.secondsMax, settings.until.map({ $0 > settings.from }) ?? true
    else {
      return "`from` must be 0 or more and less than `until`"
    }
    let (begin, end) = window(settings)
    if settings.from > 0 || settings.until != nil, begin + Int64(settings.hold * 1e9) > end {
      return "`hold` (\(settings.hold) s) does not fit between `from` and `until`, or the end of the load phase"
    }
    guard Int64(settings.hold * 1e9) <= lastHeal else {
      let tail = Double(Self.tailNanoseconds) / 1e9
      let needed = settings.hold + tail
      return "one injection needs \(needed) s (hold \(settings.hold) s, \(tail) s of quiet at the end), "
        + "the load phase has \(Double(durationNanoseconds) / 1e9) s"
    }
    return nil
  }

  /// Moves actions of one fault that is asked for several times apart; drops what then finds no room, with a notice.
  private mutating func separate(_ drafts: [Draft]) {
    // Equal times: by name, then in the order of the settings.
    let ordered = drafts.enumerated().sorted { left, right in
      let (one, other) = (left.element.action, right.element.action)
      return (one.at, one.fault, left.offset) < (other.at, other.fault, right.offset)
    }
    var free: [String: Int64] = [:]
    var dropped: [String: Int] = [:]
    for (_, draft) in ordered {
      var action = draft.action
      action.at = max(action.at, free[action.fault] ?? 0)
      guard action.at + action.hold <= draft.end else {
        dropped[action.fault, default: 0] += 1
        continue
      }
      // A quarter of the hold to recover: what follows at once is one longer fault, not two.
      free[action.fault] = action.at + action.hold + action.hold / 4
      action.id = actions.count
      actions.append(action)
    }
    for (fault, count) in dropped.sorted(by: { $0.key < $1.key }) {
      notices.append("\(fault): \(count) injections left out: its several entries leave no room for them")
    }
  }

  /// Sorts by time and numbers the actions; equal times by name, then in the order of the settings.
  private mutating func number() {
    actions.sort { ($0.at, $0.fault, $0.id) < ($1.at, $1.fault, $1.id) }
    for index in actions.indices { actions[index].id = index }
  }
}

/// Draws all items in a random order before it repeats one, so that a short run too sees every kind of target.
struct ShuffleBag {
  private let items: [String]
  private var rest: [String] = []

  /// - Precondition: `items` is not empty.
  init(_ items: [String]) { self.items = items }

  mutating func draw(_ stream: inout RandomStream) -> String {
    if rest.isEmpty { rest = items.shuffled(using: &stream) }
    return rest.removeLast()
  }
}

extension RandomStream {
  /// A number in the range, exactly uniform.
  fileprivate mutating func number(_ range: ClosedRange<Int64>) -> Int64 { Int64.random(in: range, using: &self) }
}
