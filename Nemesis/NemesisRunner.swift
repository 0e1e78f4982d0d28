import Clusters

/// Carries a schedule out on a cluster: the engine of the nemesis.
///
/// The faults of one package come one after the other; those of different packages run side by side, so that a slow
/// injection (a search for a primary) holds up nobody else's healing. Time is the clock's alone.
///
/// Use: `run()` during the load phase, cancelled or not; then `finalHeal()`, in every case.
public actor NemesisRunner {
  private let schedule: FaultSchedule
  private let clock: NemesisClock
  private let emit: @Sendable (NemesisEvent) -> Void
  /// One a fault of the schedule, in order of names.
  private let lanes: [Lane]
  /// By fault: what is injected and not healed.
  private var active: [String: FaultAction] = [:]
  private var work: Task<Void, Never>?
  private var finale: Task<[String], Never>?

  /// - Parameter emit: told of everything in order, one call at a time. The runner waits for it: it should only pass the event
  ///   on.
  public init(
    schedule: FaultSchedule, cluster: any ClusterControl, clock: NemesisClock,
    packages: [FaultPackage] = FaultCatalogue.all, emit: @escaping @Sendable (NemesisEvent) -> Void
  ) {
    self.schedule = schedule
    self.clock = clock
    self.emit = emit
    let ledger = cluster.network.map { CutLedger($0) }
    let actions = Dictionary(grouping: schedule.actions, by: \.fault)
    lanes = actions.sorted { $0.key < $1.key }.map { name, actions in
      let package = packages.first { $0.name == name }
      return Lane(
        name: name, package: package, fault: package?.make(), actions: actions,
        cluster: PackageCluster(cluster, ledger: ledger, owner: name))
    }
  }

  /// Injects and heals as scheduled; returns after the last healing.
  ///
  /// A cancelled task stops it: no more injections, a healing under way is ended, what is still broken is left to
  /// `finalHeal`. It runs once; a second call waits for the first.
  public func run() async {
    let task = work ?? Task { await walkAll() }
    work = task
    await withTaskCancellationHandler {
      await task.value
    } onCancel: {
      task.cancel()
    }
  }

  /// Stops the schedule, heals what is active (with its evidence), then lets every fault of the schedule restore
  /// whatever it may have left broken.
  ///
  /// Works in a cancelled task, and again when called again. Returns what may still be broken, in words: empty when
  /// everything is healed.
  public func finalHeal() async -> [String] {
    let walking = work ?? Task {}
    work = walking  // a later `run()` finds its work done
    walking.cancel()
    let previous = finale
    // A task of its own does not see that the caller is cancelled.
    let task = Task {
      await walking.value
      _ = await previous?.value
      return await healAll()
    }
    finale = task
    return await task.value
  }
}

/// One fault of the schedule at work.
private struct Lane: Sendable {
  let name: String
  /// Nil where the catalogue has none of that name: a schedule from another version.
  let package: FaultPackage?
  let fault: (any Fault)?
  let actions: [FaultAction]
  let cluster: PackageCluster

  var healsLast: Bool { package?.healsLast ?? false }
}

extension NemesisRunner {
  private func walkAll() async {
    await withTaskGroup { group in
      for lane in lanes { group.addTask { await self.walk(lane) } }
    }
  }

  private func walk(_ lane: Lane) async {
    for action in lane.actions {
      do {
        try await clock.sleep(action.at)
        guard await inject(action, lane) else { continue }
        // As long as asked for even when the injection took its time, but not beyond the load phase.
        try await clock.sleep(min(clock.now() + action.hold, max(schedule.lastHeal, action.at + action.hold)))
      } catch {
        return  // interrupted
      }
      await heal(action, lane)
    }
  }

  /// Whether the action is now at work.
  private func inject(_ action: FaultAction, _ lane: Lane) async -> Bool {
    guard let fault = lane.fault else {
      emit(.skipped(action, reason: "there is no fault named \(lane.name)", time: clock.now()))
      return false
    }
    if let reason = obstacle(action, lane) {
      emit(.skipped(action, reason: reason, time: clock.now()))
      return false
    }
    emit(.injecting(action, time: clock.now()))
    do {
      switch try await fault.inject(action, in: lane.cluster) {
      case .injected(let targets):
        active[lane.name] = action
        emit(.injected(action, targets: targets, time: clock.now()))
        return true
      case .skipped(let reason): emit(.skipped(action, reason: reason, time: clock.now()))
      }
    } catch is CancellationError {
      emit(.skipped(action, reason: "the run was interrupted", time: clock.now()))
    } catch {
      emit(.failed(action, step: .inject, message: "\(error)", time: clock.now()))
    }
    return false
  }

  /// Why an action must not be tried.
  private func obstacle(_ action: FaultAction, _ lane: Lane) -> String? {
    if let reason = lane.package?.unavailability(target: action.target, in: lane.cluster) { return reason }
    if Set(action.order) != Set(lane.cluster.nodes.map(\.name)) {
      return "its nodes (\(action.order.sorted().joined(separator: " "))) are not those of the cluster"
    }
    if let earlier = active[lane.name] { return "action \(earlier.id) could not be healed" }
    if clock.now() + action.hold / 2 > max(schedule.lastHeal, action.at + action.hold) {
      return "its turn came too late: the actions before it took too long"
    }
    return nil
  }

  /// A healing that has begun is ended, in a task of its own, whatever becomes of the run.
  private func heal(_ action: FaultAction, _ lane: Lane) async {
    guard let fault = lane.fault else { return }
    emit(.healing(action, time: clock.now()))
    let cluster = lane.cluster
    switch await Task(operation: { try await fault.heal(in: cluster) }).result {
    case .success(let evidence):
      active[lane.name] = nil
      emit(.healed(action, evidence: evidence, time: clock.now()))
    case .failure(let error):
      emit(.failed(action, step: .heal, message: "\(error)", time: clock.now()))
    }
  }

  private func healAll() async -> [String] {
    let ordered = lanes.filter { !$0.healsLast } + lanes.filter(\.healsLast)
    for lane in ordered {
      if let action = active[lane.name] { await heal(action, lane) }
    }
    var broken: [String] = []
    for lane in ordered {
      do {
        try await lane.fault?.restore(in: lane.cluster)
        active[lane.name] = nil
      } catch {
        emit(.restoreFailed(fault: lane.name, message: "\(error)", time: clock.now()))
        broken.append("\(lane.name): \(error)")
      }
    }
    return broken
  }
}
