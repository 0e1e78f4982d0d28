/// Who waits for whom in a schedule in which nobody can be placed, and which of the waits is there by choice.
struct ScheduleWaits {
  private static let none = OrderSchedule.none

  private struct Wait {
    var source: UInt32
    var target: UInt32
    /// Why, besides the history.
    var reasons: [OrderSchedule.Reason] = []
  }

  private var waits: [Wait] = []
  /// By slot: the last wait of who is in it, or none; and by wait, the one before.
  private var last: [UInt32]
  private var previous: [UInt32] = []
  /// By slot: the wait by which the search came to it, or none.
  private var cameBy: [UInt32]
  private var queue: [UInt32] = []

  init(_ schedule: borrowing OrderSchedule) {
    last = Array(repeating: Self.none, count: schedule.openCount)
    cameBy = last
    for slot in 0..<schedule.openCount { addWaits(of: schedule.open[slot], schedule) }
  }

  // MARK: Waits

  private mutating func add(_ wait: Wait, _ schedule: borrowing OrderSchedule) {
    var wait = wait
    if schedule.slots[wait.target] == Self.none {
      // It has not been opened: it waits for the first completion that has not been placed.
      guard schedule.completed < schedule.columns.rankCount else { return }
      wait.target = schedule.columns.completed[schedule.completed]
    }
    let slot = Int(schedule.slots[wait.source])
    previous.append(last[slot])
    last[slot] = UInt32(waits.count)
    waits.append(wait)
  }

  private mutating func addWaits(of node: UInt32, _ schedule: borrowing OrderSchedule) {
    if Int(node) >= schedule.limit {
      return add(Wait(source: node, target: schedule.columns.completed[schedule.completed]), schedule)
    }
    if schedule.states[node] == 0 {
      addLessons(of: node, schedule)
      addReads(of: node, schedule)
    }
    if !schedule.isSplit || schedule.states[node] != 0 { return addReplaced(by: node, schedule) }
    for place in schedule.columns.writeRange(Int(node)) {
      let owner = schedule.owner[schedule.columns.keys[schedule.columns.written[place]]]
      if owner != Self.none {
        add(Wait(source: node, target: owner, reasons: reasons(owner, of: node, schedule)), schedule)
      }
    }
  }

  /// Since who was placed the node waits, and who should have come before him; nothing if that cannot be.
  private func reasons(
    _ culprit: UInt32, of node: UInt32, _ schedule: borrowing OrderSchedule
  ) -> [OrderSchedule.Reason] {
    let position = Int(schedule.positions[culprit])
    if position < schedule.floor || schedule.placed - position > OrderSchedule.takenBackMax { return [] }
    let rank = schedule.columns.ranks[culprit]
    if rank != Self.none, schedule.columns.firstAfter[rank] <= node { return [] }
    return [.init(other: node, culprit: culprit)]
  }

  private mutating func addLessons(of node: UInt32, _ schedule: borrowing OrderSchedule) {
    var lesson = schedule.lessons[node]
    while lesson != Self.none {
      let known = schedule.learned[Int(lesson)]
      if !schedule.isSatisfied(known) { addWaits(of: node, known, schedule) }
      lesson = known.next
    }
  }

  /// For each that would do, with the others among the reasons.
  private mutating func addWaits(
    of node: UInt32, _ lesson: OrderSchedule.Lesson, _ schedule: borrowing OrderSchedule
  ) {
    add(Wait(source: node, target: lesson.first, reasons: lesson.reasons), schedule)
    let first = OrderSchedule.Reason(other: lesson.first, culprit: node)
    for reason in lesson.reasons where reason.culprit == node {
      add(Wait(source: node, target: reason.other, reasons: lesson.reasons.map { $0 == reason ? first : $0 }), schedule)
    }
  }

  private mutating func addReads(of node: UInt32, _ schedule: borrowing OrderSchedule) {
    for place in schedule.columns.readRange(Int(node)) {
      let version = schedule.columns.read[place]
      if schedule.present[schedule.columns.keys[version]] == version || schedule.isLost[version] { continue }
      let writer = schedule.columns.writers[version]
      if writer != Self.none, schedule.states[writer] != 2 { add(Wait(source: node, target: writer), schedule) }
    }
  }

  /// Who has still to read what the node replaces.
  private mutating func addReplaced(by node: UInt32, _ schedule: borrowing OrderSchedule) {
    for place in schedule.columns.writeRange(Int(node)) {
      let version = schedule.present[schedule.columns.keys[schedule.columns.written[place]]]
      if schedule.unread[version] == 0 || schedule.isLost[version] { continue }
      let reasons = reasons(of: node, after: version, schedule)
      for reader in schedule.columns.readerRange(version) {
        let reader = schedule.columns.readers[reader]
        if reader == node || schedule.states[reader] != 0 { continue }
        add(Wait(source: node, target: reader, reasons: reasons), schedule)
      }
    }
  }

  /// Why the node's version comes after this one. Who replaced what he had read had no choice: then it is why it comes
  /// after that.
  private func reasons(
    of node: UInt32, after version: UInt32, _ schedule: borrowing OrderSchedule
  ) -> [OrderSchedule.Reason] {
    var version = version
    while true {
      let writer = schedule.columns.writers[version]
      // Who read the version comes after it in any case.
      if writer == Self.none || schedule.columns.readCount(Int(node), version) > 0 { return [] }
      let before = schedule.replaced[version]
      if schedule.columns.readCount(Int(writer), before) == 0 { return reasons(writer, of: node, schedule) }
      version = before
    }
  }

  // MARK: Circles

  /// Of the circles that were found the one with the fewest reasons; nil if there is none, or one without any reason.
  mutating func circle(_ schedule: borrowing OrderSchedule) -> [OrderSchedule.Reason]? {
    var best: [OrderSchedule.Reason]?
    for wait in waits where !wait.reasons.isEmpty {
      for isCertain in [true, false] {
        guard let found = way(from: wait.target, to: wait.source, isCertain: isCertain, schedule) else { continue }
        var reasons = wait.reasons
        for reason in found where !reasons.contains(reason) { reasons.append(reason) }
        if reasons.count < best?.count ?? .max { best = reasons }
        break
      }
      if best?.count == 1 { break }
    }
    return best
  }

  /// The reasons of a way of waits, breadth first.
  private mutating func way(
    from source: UInt32, to target: UInt32, isCertain: Bool, _ schedule: borrowing OrderSchedule
  ) -> [OrderSchedule.Reason]? {
    if source == target { return [] }
    for slot in cameBy.indices { cameBy[slot] = Self.none }
    queue.removeAll(keepingCapacity: true)
    queue.append(source)
    var next = 0
    while next < queue.count {
      var number = last[Int(schedule.slots[queue[next]])]
      next += 1
      while number != Self.none {
        let wait = waits[Int(number)]
        let by = number
        number = previous[Int(number)]
        let slot = Int(schedule.slots[wait.target])
        if isCertain && !wait.reasons.isEmpty || cameBy[slot] != Self.none || wait.target == source { continue }
        cameBy[slot] = by
        if wait.target == target { return reasons(from: source, to: target, schedule) }
        queue.append(wait.target)
      }
    }
    return nil
  }

  private func reasons(
    from source: UInt32, to target: UInt32, _ schedule: borrowing OrderSchedule
  ) -> [OrderSchedule.Reason] {
    var reasons: [OrderSchedule.Reason] = []
    var node = target
    while node != source {
      let wait = waits[Int(cameBy[Int(schedule.slots[node])])]
      reasons += wait.reasons
      node = wait.source
    }
    return reasons
  }
}
