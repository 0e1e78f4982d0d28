import Histories

/// A claim that a run has broken, found while it goes on.
public struct OnlineViolation: Hashable, Sendable {
  /// The object's key, where the history is keyed.
  public var key: Value?
  /// Index in the run's history of the event that proves it: everything before is still in order. Where that takes
  /// long to find out, a later event of the object.
  public var event: Int
  /// Time of that event, in nanoseconds since the run's start.
  public var time: Int64
  /// When it was known, in nanoseconds since the run's start.
  public var detected: Int64
  /// One sentence for a person.
  public var summary: String
}

/// How online checking keeps up.
public struct OnlineProgress: Hashable, Sendable {
  /// Decisions of single objects.
  public var decisions = 0
  /// Time spent on them, in nanoseconds.
  public var busy: Int64 = 0
  /// Decisions that their budget did not suffice for.
  public var undecided = 0
  /// Operations on objects that had been let go to save memory.
  public var unwatched = 0
  /// Why some objects, or all from now on, are left to the check at the end.
  public var problem: String?
}

/// Checks a history while it grows: every object whose history could have come to break the claim is decided again, as
/// far as it is known, with operations that are still open counted as unknown (CHECKERS 1.3).
///
/// Pure but for the clock that it is given: feed it every event, and call `check` now and then.
public struct OnlineChecker: Sendable {
  /// Events kept, some 50 bytes each: beyond them idle objects are let go.
  public static let eventsMax = 8_000_000
  /// An object without news for this long is idle, in nanoseconds.
  static let idleMin: Int64 = 60_000_000_000

  public private(set) var progress = OnlineProgress()
  /// When to check again at the earliest, on the clock.
  public private(set) var notBefore = Int64.min
  private let decider: OnlineDecider
  private let keyed: Bool
  private let pacing: OnlinePacing
  private let clock: @Sendable () -> Int64
  private let eventsMax: Int
  private var objects: [OnlineObject] = []
  private var places: [Value?: Int] = [:]
  /// The object of each process's open operation.
  private var open: [ProcessID: Int] = [:]
  /// Objects that wait for a decision, those that have waited longest first.
  private var waiting: [Int] = []
  private var held = 0
  private var hasEnded = false
  private var lagMax: Int64 = 0

  /// - Parameters:
  ///   - keyed: as the run's history is.
  ///   - clock: nanoseconds on the clock of the events.
  public init(
    _ decider: OnlineDecider, keyed: Bool, pacing: OnlinePacing = OnlinePacing(), eventsMax: Int = Self.eventsMax,
    clock: @escaping @Sendable () -> Int64
  ) {
    self.decider = decider
    self.keyed = keyed
    self.pacing = pacing
    self.eventsMax = eventsMax
    self.clock = clock
  }

  /// The longest time, in nanoseconds, that an answer has waited for its decision; those that wait still count.
  public var lag: Int64 {
    let oldest = waiting.first.flatMap { objects[$0].undecidedSince }
    return max(lagMax, oldest.map { clock() - $0 } ?? 0)
  }

  /// Takes the next event of the run, in order.
  public mutating func add(_ event: Event) {
    guard !event.process.isNemesis, !hasEnded else { return }
    let isInvocation = event.type == .invoke
    // A completion belongs where its invocation did, whatever its value; without one it belongs nowhere.
    guard let place = isInvocation ? place(of: event.value) : open.removeValue(forKey: event.process) else { return }
    if isInvocation { open[event.process] = place }
    guard objects[place].standing == .watched else {
      if objects[place].standing == .letGo, isInvocation { progress.unwatched += 1 }
      return
    }
    if objects[place].append(event) { waiting.append(place) }
    held += 1
    if held > eventsMax { letGo(now: event.time) }
  }

  /// Stops taking events; what is kept is let go.
  public mutating func end(because problem: String) {
    progress.problem = problem
    hasEnded = true
    for place in objects.indices where objects[place].standing == .watched { close(place, as: .letGo) }
    waiting = []
  }

  /// Decides the objects that have news and whose turn it is.
  ///
  /// - Parameter cancellation: leaves what is not decided to another time.
  /// - Returns: violations of objects that had none so far, in the order of their discovery.
  public mutating func check(cancellation: CheckCancellation? = nil) -> [OnlineViolation] {
    let start = clock()
    var found: [OnlineViolation] = []
    var left: [Int] = []
    for place in waiting {
      let now = clock()
      let isTurn = objects[place].notBefore <= now && now - start < pacing.passMax
      guard isTurn, cancellation?.isCancelled != true else {
        left.append(place)
        continue
      }
      if let violation = decide(place, from: now, cancellation) { found.append(violation) }
      if objects[place].undecidedSince != nil { left.append(place) }
    }
    waiting = left
    let end = clock()
    notBefore = max(start + pacing.tick, end + pacing.pause(after: end - start))
    return found
  }
}

extension OnlineChecker {
  private mutating func place(of value: Value) -> Int {
    let key = keyed ? value.keyedPair?.key : nil
    if let place = places[key] { return place }
    places[key] = objects.count
    objects.append(OnlineObject(key: key, keyed: keyed))
    return objects.count - 1
  }

  private mutating func close(_ place: Int, as standing: OnlineObject.Standing) {
    held -= objects[place].history.count
    objects[place].close(as: standing)
  }

  /// Drops objects that are idle and in order; ends the checker where these are too few.
  private mutating func letGo(now: Int64) {
    for place in objects.indices where objects[place].isAtRest && now - objects[place].lastTime >= Self.idleMin {
      close(place, as: .letGo)
    }
    // Every sweep must make room for many events, or sweeps would be all that is done.
    if held > eventsMax / 2 { end(because: "more than \(eventsMax / 2) events are in use: too many to keep in memory") }
  }

  // MARK: Decisions

  private mutating func decide(
    _ place: Int, from start: Int64, _ cancellation: CheckCancellation?
  ) -> OnlineViolation? {
    let object = objects[place]
    let answer = decider.decide(object.history, pacing.budget, cancellation)
    let decided = clock()
    progress.decisions += 1
    var violation: OnlineViolation?
    if answer != .undecided { lagMax = max(lagMax, decided - (object.undecidedSince ?? start)) }
    switch answer {
    case .holds: objects[place].decided()
    case .undecided:
      progress.undecided += cancellation?.isCancelled == true ? 0 : 1
    case .unreadable(let problem):
      progress.problem = progress.problem ?? problem
      close(place, as: .settled)
    case .broken(let event, let summary):
      let proof = proof(object, notBefore: event, cancellation)
      violation = OnlineViolation(
        key: object.key, event: Int(object.indices[proof]), time: object.history.time(at: proof), detected: decided,
        summary: summary)
      close(place, as: .settled)
    }
    let end = clock()
    progress.busy += end - start
    objects[place].notBefore = end + pacing.pause(after: end - start)
    return violation
  }

  /// The first event after which the object's history is broken, which it is as a whole.
  ///
  /// A checker that knows how operations ended may see earlier that they cannot be ordered than somebody who did not
  /// know that yet could; so what it names is only where the proof cannot end before. From there on it is found by
  /// halving, as what is broken stays broken.
  private func proof(_ object: OnlineObject, notBefore earliest: Int, _ cancellation: CheckCancellation?) -> Int {
    let deadline = clock() + pacing.proofMax
    let ends = (earliest..<object.history.count).filter { [.ok, .fail].contains(object.history.type(at: $0)) }
    guard var last = ends.indices.last else { return object.history.count - 1 }
    var (first, middle) = (0, 0)  // the first guess: what was named
    while first < last, clock() < deadline {
      switch decider.decide(object.prefix(through: ends[middle]), pacing.budget, cancellation) {
      case .broken: last = middle
      case .holds: first = middle + 1
      case .undecided, .unreadable: return ends[last]
      }
      middle = (first + last) / 2
    }
    return ends[last]
  }
}
