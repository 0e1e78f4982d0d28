/// What a schedule learns where nothing can be placed any more.
extension OrderSchedule {
  /// Learns from the open ones that wait for each other; false if nothing can be learned, or if that went on for too long.
  mutating func resolve() -> Bool {
    if placed > furthest { (furthest, conflicts, retries) = (placed, 0, 0) }
    conflicts += 1
    if conflicts > Self.conflictsMax { return retry() }
    var waits = ScheduleWaits(self)
    let circle = waits.circle(self)
    searched += waits.steps
    guard let reasons = circle else { return retry() }
    learn(reasons)
    return true
  }

  /// Forgets what is uncertain, goes back a little, each time farther, and chooses otherwise; false after too many times,
  /// which are the fewer the more was forced already.
  mutating func retry() -> Bool {
    retries += 1
    if retries > Self.retriesMax / (1 + forced) { return false }
    conflicts = 0
    for lesson in doubts { forget(lesson) }
    doubts.removeAll()
    takeBack(to: max(floor, placed - 16 << (retries % 6)))
    return true
  }

  /// That the other one of the reason that was placed last has to commit before the culprit begins, since all of these
  /// together make a circle.
  mutating func learn(_ reasons: [Reason]) {
    var rest = reasons
    guard let last = rest.indices.max(by: { positions[rest[$0].culprit] < positions[rest[$1].culprit] }) else { return }
    let reason = rest.remove(at: last)
    let level = rest.filter { $0.culprit != reason.culprit }.map { Int(positions[$0.culprit]) }.max() ?? -1
    if states[reason.culprit] == State.open { forgetAlternatives(to: reason) }
    takeBack(to: min(placed, Int(positions[reason.culprit])))
    let number = UInt32(learned.count)
    learned.append(
      Lesson(first: reason.other, later: reason.culprit, next: lessons[reason.culprit], reasons: rest, level: level))
    lessons[reason.culprit] = number
    if level < 0 { return }
    doubts.append(number)
    // Those whose reasons are never taken back any more are none.
    if doubts.count > Self.doubtsMax { doubts.removeAll { learned[Int($0)].level < placed - Self.takenBackMax } }
  }

  /// Of several that might come before the culprit one is left.
  mutating func forgetAlternatives(to reason: Reason) {
    var lesson = lessons[reason.culprit]
    while lesson != Self.none {
      let known = learned[Int(lesson)]
      if known.reasons.contains(reason) || known.first == reason.other {
        forget(lesson)
        doubts.removeAll { $0 == lesson }
      }
      lesson = known.next
    }
  }

  mutating func forget(_ lesson: UInt32) {
    let later = learned[Int(lesson)].later
    if lessons[later] == lesson {
      lessons[later] = learned[Int(lesson)].next
      return
    }
    var previous = lessons[later]
    while previous != Self.none, learned[Int(previous)].next != lesson { previous = learned[Int(previous)].next }
    if previous != Self.none { learned[Int(previous)].next = learned[Int(lesson)].next }
  }

  /// Places the one that is due first, although it breaks something.
  mutating func force() {
    var best: UInt32?
    for slot in 0..<openCount where Int(open[slot]) < limit {
      if best.map({ isDue(open[slot], before: $0) }) ?? true { best = open[slot] }
    }
    guard let best else { return }
    if states[best] == State.started { commit(Int(best)) } else { begin(Int(best)) }
    floor = placed
    forced += 1
  }
}
