/// Decides what becomes of packets: the rules, by link. Pure: time comes in, decisions come out.
struct PacketShaper {
  /// The rules of one link, in the order of their kinds.
  private struct Lane {
    var stages: [PacketStage] = []
    /// When the last packet that kept its place goes on.
    var last = Int64.min
  }

  private var lanes: [Flow: Lane] = [:]
  private var settled = SettledConnections()

  /// The links whose packets must be shown to `judge`.
  var flows: Set<Flow> { Set(lanes.keys) }

  /// Whether some rule needs packets as a whole: otherwise their headers do.
  var needsWholePackets: Bool {
    lanes.values.contains { lane in lane.stages.contains { [.corrupt, .duplicate].contains($0.kind) } }
  }

  /// Adds a rule; one of its kind must not be there.
  mutating func impose(_ change: PacketChange, on flows: Set<Flow>, seed: UInt64) {
    if change.kind == .reset { settled = SettledConnections() }
    let watched = change.kind == .reset ? flows.union(flows.map(\.reversed)) : flows
    let order = PacketChange.Kind.allCases
    for flow in watched {
      var lane = lanes[flow] ?? Lane()
      lane.stages.append(PacketStage(change, seed: seed, flow: flow, told: flows))
      lane.stages.sort { order.firstIndex(of: $0.kind) ?? 0 < order.firstIndex(of: $1.kind) ?? 0 }
      lanes[flow] = lane
    }
  }

  /// Ends the rule of that kind; what it did on each of its links.
  mutating func lift(_ kind: PacketChange.Kind) -> [Flow: PacketTally] {
    var tallies: [Flow: PacketTally] = [:]
    for (flow, lane) in lanes {
      guard let place = lane.stages.firstIndex(where: { $0.kind == kind }) else { continue }
      tallies[flow] = lane.stages[place].tally
      lanes[flow]?.stages.remove(at: place)
      // What was held back on the link goes on now: nothing needs to wait for it.
      lanes[flow]?.last = Int64.min
      if lane.stages.count == 1 { lanes[flow] = nil }
    }
    return tallies
  }

  /// What becomes of a packet that comes at `now`; nil where no rule is about it.
  mutating func judge(_ packet: PacketHeader, at now: Int64) -> Judgement? {
    guard let place = lanes.index(forKey: packet.flow) else { return nil }
    var judgement = Judgement(fates: packet.isProbe ? .probe : [], release: now)
    let last = lanes.values[place].last
    for index in lanes.values[place].stages.indices {
      lanes.values[place].stages[index].act(on: packet, &judgement, last: last, settled: &settled)
      if judgement.fates.isDropped { return Judgement(fates: judgement.fates, release: now) }
    }
    // Those that a rule took out of their turn do not hold up the ones behind them.
    let leavesItsPlace = !judgement.fates.isDisjoint(with: [PacketFates(.reorder), PacketFates(.slowClose)])
    if !leavesItsPlace { lanes.values[place].last = max(last, judgement.release) }
    return judgement
  }
}
