extension Search {
  /// The order in which the operations happened on the way to the row and one step further: ids of the problem.
  ///
  /// Rows only know what they placed; observers and hidden operations are placed again by the rules of the search.
  func linearization(of row: UInt32, then last: UInt32, from initial: UInt32) -> [UInt32] {
    let rows = path(to: row)
    let end = final == nil ? rows.last.map { memo.returnIndex($0) } ?? 0 : UInt32(schedule.returns.count)
    var replay = Replay(self, from: initial, placed: rows.dropFirst().map { memo.via($0) } + [last], until: end)
    for (previous, row) in zip(rows, rows.dropFirst()) {
      replay.advance(to: Int(memo.returnIndex(previous)))
      replay.place(memo.via(row))
    }
    if let row = rows.last { replay.advance(to: Int(memo.returnIndex(row))) }
    if last != Via.root { replay.place(last) }
    if final != nil { replay.advance(to: schedule.returns.count) }
    return replay.order
  }

  /// The state in which the row's way began.
  func initialState(of row: UInt32) -> UInt32 { memo.via(path(to: row).first ?? row) }

  private func path(to row: UInt32) -> [UInt32] {
    var rows: [UInt32] = []
    var current = row
    while current != ConfigurationMemo.none {
      rows.append(current)
      current = memo.parent(current)
    }
    return rows.reversed()
  }

  /// The schedule walked once, along one path of the search.
  private struct Replay {
    let search: Search
    var order: [UInt32] = []
    private var state: UInt32
    private var at = 0
    private var isPlaced: [Bool]
    private var used: [Int]
    /// By operation: whether the path places it by itself; other discharged operations were hidden.
    private var isOnPath: [Bool]
    /// What returns from here on need not have happened.
    private let end: UInt32

    init(_ search: Search, from state: UInt32, placed: [UInt32], until end: UInt32) {
      self.search = search
      self.state = state
      self.end = end
      isPlaced = [Bool](repeating: false, count: search.problem.operations.count)
      isOnPath = isPlaced
      for via in placed where via & Via.crashed == 0 { isOnPath[Int(via)] = true }
      order.reserveCapacity(isPlaced.count)
      used = [Int](repeating: 0, count: search.schedule.classes.count)
      if !search.schedule.returns.isEmpty { admitObservers() }
    }

    /// Passes return events up to the one with this index.
    mutating func advance(to index: Int) {
      while at < index {
        at += 1
        if at < search.schedule.returns.count { admitObservers() }
      }
    }

    mutating func place(_ via: UInt32) {
      if via == Via.skip { return }
      var id = via
      if via & Via.crashed != 0 {
        let position = Int(via & ~Via.crashed)
        id = search.schedule.classes[position].operations[used[position]]
        used[position] += 1
      }
      if search.schedule.live[Int(id)].isOverwrite { placeHidden(before: id) }
      isPlaced[Int(id)] = true
      order.append(id)
      state = search.automaton.next(state, search.schedule.live[Int(id)].kind)
      admitObservers()
    }

    /// Required operations that can happen in every state, are live, and are placed nowhere else: here nobody sees them.
    private mutating func placeHidden(before id: UInt32) {
      let schedule = search.schedule
      for place in Int(schedule.updateStarts[at])..<Int(schedule.updateStarts[at + 1]) {
        let hidden = schedule.updates[place]
        guard hidden != id, schedule.live[Int(hidden)].role == .blind, schedule.returnIndex[Int(hidden)] < end,
          !isPlaced[Int(hidden)], !isOnPath[Int(hidden)]
        else { continue }
        isPlaced[Int(hidden)] = true
        order.append(hidden)
      }
    }

    private mutating func admitObservers() {
      let starts = search.schedule.observerStarts
      for place in Int(starts[at])..<Int(starts[at + 1]) {
        let id = search.schedule.observers[place]
        if isPlaced[Int(id)] || search.automaton.next(state, search.schedule.live[Int(id)].kind) == Automaton.none {
          continue
        }
        isPlaced[Int(id)] = true
        order.append(id)
      }
    }
  }
}
